"""The head of a letter as it was handed over, and to whom a letter goes, by language."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0066"
down_revision = "0065"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ACTION = sa.table("action", sa.column("id", sa.Integer), sa.column("kind", sa.String), sa.column("options", JSON))
COLUMNS = (
    ("addressee_language", sa.String(32)),
    ("coalition", sa.String(200)),
    ("postal_address", sa.Text()),
    ("color", sa.String(32)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("letter_delivery", sa.Column(name, kind, server_default="", nullable=False))
    op.add_column("letter_delivery", sa.Column("logo", sa.LargeBinary(), nullable=True))
    _change("addressee", "addressees", lambda text: {"en": text} if text else {})


def downgrade() -> None:
    _change("addressees", "addressee", lambda texts: texts.get("en") or next(iter(texts.values()), ""))
    op.drop_column("letter_delivery", "logo")
    for name, _ in reversed(COLUMNS):
        op.drop_column("letter_delivery", name)


def _change(old: str, new: str, said: Callable[[Any], Any]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(ACTION.c.id, ACTION.c.options).where(ACTION.c.kind == "sign_on")).all():
        if old in (row.options or {}):
            options = {name: value for name, value in row.options.items() if name != old}
            options[new] = said(row.options[old])
            bind.execute(sa.update(ACTION).where(ACTION.c.id == row.id).values(options=options))
