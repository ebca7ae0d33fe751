"""Tables of the site: which rows are sample data."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "demo_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_row")),
    )
    op.create_index(op.f("ix_demo_row_table_name"), "demo_row", ["table_name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_demo_row_table_name"), table_name="demo_row")
    op.drop_table("demo_row")
