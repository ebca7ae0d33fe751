"""When an event became public."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("event", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE event SET published_at = created_at WHERE state <> 'draft'")


def downgrade() -> None:
    with op.batch_alter_table("event") as table:
        table.drop_column("published_at")
