"""The settings of the site are one row, of key 1."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"

setting = sa.table("site_setting", sa.column("id", sa.Integer))


def upgrade() -> None:
    # The one of the lowest key is the one that was read.
    first = sa.select(sa.func.min(setting.c.id)).scalar_subquery()
    op.execute(sa.delete(setting).where(setting.c.id > first))
    op.execute(sa.update(setting).values(id=1))


def downgrade() -> None:
    pass
