"""Targets of letters and calls, suggested texts, letters, and to whom each went."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    _add_target()
    _add_suggested_text()
    _add_letter()
    _add_outreach()


def downgrade() -> None:
    for table in ("outreach", "letter", "suggested_text", "target"):
        op.drop_table(table)


def _add_target() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=True),
        sa.Column("ask_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organization", sa.String(length=200), nullable=False),
        sa.Column("greeting", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("use_email", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("web_form", sa.String(length=2000), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_target_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_target_ask_id_ask", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["influencer_id"], ["influencer.id"], name="fk_target_influencer_id_influencer", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_target_message_id_message"),
        sa.PrimaryKeyConstraint("id", name="pk_target"),
        sa.UniqueConstraint("action_id", "influencer_id", name="uq_target_action_id"),
        sqlite_autoincrement=True,
    )
    for column in ("action_id", "influencer_id", "ask_id"):
        op.create_index(f"ix_target_{column}", "target", [column])


def _add_suggested_text() -> None:
    op.create_table(
        "suggested_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_suggested_text_action_id_action", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suggested_text"),
    )
    op.create_index("ix_suggested_text_action_id", "suggested_text", ["action_id"])


def _add_letter() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_letter_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_letter_contact_id_contact", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sqlite_autoincrement=True,
    )
    for column in ("action_id", "contact_id"):
        op.create_index(f"ix_letter_{column}", "letter", [column])


def _add_outreach() -> None:
    op.create_table(
        "outreach",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("new", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_outreach_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_outreach_contact_id_contact", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name="fk_outreach_letter_id_letter", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_outreach_source_id_source"),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name="fk_outreach_target_id_target", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_outreach"),
        sa.UniqueConstraint("target_id", "contact_id", "channel", name="uq_outreach_target_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_action_at", "outreach", ["action_id", "at"])
    for column in ("contact_id", "letter_id", "source_id"):
        op.create_index(f"ix_outreach_{column}", "outreach", [column])
