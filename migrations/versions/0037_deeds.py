"""A sign-up may carry something that a visitor did, which counts once the address is proven."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("sign_up", sa.Column("deed_kind", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("sign_up", sa.Column("about_id", sa.Integer(), nullable=True))
    op.add_column("sign_up", sa.Column("details", json, nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("sign_up") as table:
        table.drop_column("details")
        table.drop_column("about_id")
        table.drop_column("deed_kind")
