"""Asks: lobbying and effort, what owners were reminded of, saved filters of the ledger, and evidence files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("ask", sa.Column("lobbying", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("ask", sa.Column("bill", sa.String(length=200), nullable=False, server_default=""))
    # As one statement, which both databases know; SQLite could add no such constraint later.
    op.execute(
        "ALTER TABLE ask ADD COLUMN paid_by_id INTEGER CONSTRAINT fk_ask_paid_by_id_organization "
        "REFERENCES organization (id)"
    )
    op.add_column("ask", sa.Column("hours", sa.Numeric(precision=8, scale=2), nullable=True))
    op.add_column("ask", sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=True))
    op.create_table(
        "ask_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("moment", sa.String(length=32), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_reminder_ask_id_ask"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_ask_reminder_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_reminder")),
        sa.UniqueConstraint("ask_id", "user_id", "due_on", "moment", name=op.f("uq_ask_reminder_ask_id")),
    )
    op.create_index("ix_ask_reminder_user_named", "ask_reminder", ["user_id", "named_on"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("wanted", JSON, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_saved_filter_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_filter_user_id")),
    )
    op.create_table(
        "ask_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_file_ask_id_ask"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ask_file_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_file")),
        sa.UniqueConstraint("token", name=op.f("uq_ask_file_token")),
    )
    op.create_index(op.f("ix_ask_file_ask_id"), "ask_file", ["ask_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_ask_file_ask_id"), table_name="ask_file")
    op.drop_table("ask_file")
    op.drop_table("saved_filter")
    op.drop_index("ix_ask_reminder_user_named", table_name="ask_reminder")
    op.drop_table("ask_reminder")
    for column in ("cost", "hours", "paid_by_id", "bill", "lobbying"):
        op.drop_column("ask", column)
