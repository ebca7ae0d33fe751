"""Ids of deliveries have 64 bits, and old deliveries are counted before they are deleted."""

import sqlalchemy as sa
from alembic import op

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0013"
down_revision = "0012"

# What holds the id of a delivery, or may.
HOLDERS = [("delivery", "id"), ("bounce", "delivery_id"), ("audit_entry", "thing_id"), ("demo_row", "row_id")]


def upgrade() -> None:
    op.create_table(
        "pruned_count",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_pruned_count_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "state", name=op.f("pk_pruned_count")),
    )
    op.create_table(
        "pruning_walk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", LONG, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pruning_walk")),
    )
    _widen("bigint")


def downgrade() -> None:
    _widen("integer")
    op.drop_table("pruning_walk")
    op.drop_table("pruned_count")


def _widen(kind: str) -> None:
    """Give ids that type; SQLite has one size of integers."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in HOLDERS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
        op.execute(f"ALTER SEQUENCE delivery_id_seq AS {kind}")
