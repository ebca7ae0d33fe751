"""The ZIP code that a letter is signed with."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.add_column("letter", sa.Column("zip_code", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("letter", "zip_code")
