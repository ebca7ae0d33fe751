"""How many forms of visitors were stopped, by day and reason."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "stopped_forms",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", name="pk_stopped_forms"),
    )


def downgrade() -> None:
    op.drop_table("stopped_forms")
