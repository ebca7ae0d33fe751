"""Replies to mailings, in threads, and what the staff answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    _add_threads()
    _add_replies()
    _add_answers()


def downgrade() -> None:
    op.drop_table("mailing_answer")
    op.drop_table("mailing_reply")
    op.drop_table("reply_thread")


def _add_threads() -> None:
    op.create_table(
        "reply_thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_keys("reply_thread", ("mailing", "mailing", "SET NULL"), ("contact", "contact", "SET NULL")),
        *_keys("reply_thread", ("assignee", "user", "SET NULL")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_thread")),
        sa.UniqueConstraint("key", name=op.f("uq_reply_thread_key")),
    )
    op.create_index("ix_reply_thread_state_last_at", "reply_thread", ["state", "last_at"])
    for column in ("mailing_id", "contact_id", "address"):
        op.create_index(op.f(f"ix_reply_thread_{column}"), "reply_thread", [column])


def _add_replies() -> None:
    op.create_table(
        "mailing_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("attached", JSON, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("asks_to_leave", sa.Boolean(), nullable=False),
        sa.Column("mail_id", sa.String(length=252), nullable=False),
        sa.Column("references", JSON, nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=True),
        *_keys("mailing_reply", ("thread", "reply_thread", "CASCADE"), ("interaction", "interaction", "SET NULL")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_reply")),
        sa.UniqueConstraint("digest", name=op.f("uq_mailing_reply_digest")),
    )
    for column in ("thread_id", "sender", "interaction_id"):
        op.create_index(op.f(f"ix_mailing_reply_{column}"), "mailing_reply", [column])


def _add_answers() -> None:
    op.create_table(
        "mailing_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", LONG, nullable=True),
        *_keys("mailing_answer", ("thread", "reply_thread", "CASCADE"), ("user", "user", "SET NULL")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mailing_answer_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_answer")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mailing_answer_message_id")),
    )
    op.create_index(op.f("ix_mailing_answer_thread_id"), "mailing_answer", ["thread_id"])


def _keys(table: str, *named: tuple[str, str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{column}_id"], [f"{of}.id"], name=op.f(f"fk_{table}_{column}_id_{of}"), ondelete=ondelete
        )
        for column, of, ondelete in named
    ]
