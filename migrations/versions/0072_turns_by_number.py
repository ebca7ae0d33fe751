"""The number of the turn in which an audience is frozen, so that whoever lost it knows."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    op.add_column("frequency_cap", sa.Column("turn_number", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("frequency_cap", "turn_number")
