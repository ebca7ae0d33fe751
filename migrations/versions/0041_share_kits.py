"""The ready texts of share kits, and how often they are taken and followed."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    _add_share_text()
    _add_share_count()


def downgrade() -> None:
    op.drop_table("share_count")
    op.drop_table("share_text")


def _add_share_text() -> None:
    op.create_table(
        "share_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_share_text_action_id_action", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_share_text"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_share_text_action_id", "share_text", ["action_id"])


def _add_share_count() -> None:
    op.create_table(
        "share_count",
        sa.Column("text_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credit", sa.String(length=32), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["text_id"], ["share_text.id"], name="fk_share_count_text_id_share_text", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("text_id", "credit", name="pk_share_count"),
    )
