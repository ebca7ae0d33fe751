"""Counters are found by their key alone: the index of their windows misled PostgreSQL into reading all of a day."""

from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    op.drop_index("ix_counter_window_start", table_name="counter")


def downgrade() -> None:
    op.create_index("ix_counter_window_start", "counter", ["window_start"])
