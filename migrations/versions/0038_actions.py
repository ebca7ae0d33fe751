"""Actions, and signatures under petitions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    _add_action()
    _add_signature()


def downgrade() -> None:
    op.drop_table("signature")
    op.drop_table("action")


def _add_action() -> None:
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("summaries", JSON, nullable=False),
        sa.Column("bodies", JSON, nullable=False),
        sa.Column("buttons", JSON, nullable=False),
        sa.Column("thanks", JSON, nullable=False),
        sa.Column("outcomes", JSON, nullable=False),
        sa.Column("goal", sa.Integer(), nullable=True),
        sa.Column("goal_from", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("ask_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("next_action_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name="fk_action_ask_id_ask", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_action_campaign_id_campaign", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["next_action_id"], ["action.id"], name="fk_action_next_action_id_action", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name="fk_action_organization_id_organization"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action"),
        sa.UniqueConstraint("slug", name="uq_action_slug"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_action_ask_id", "action", ["ask_id"])
    op.create_index("ix_action_campaign_id", "action", ["campaign_id"])
    op.create_index("ix_action_kind", "action", ["kind"])


def _add_signature() -> None:
    op.create_table(
        "signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("comment_state", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("new", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_signature_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_signature_contact_id_contact", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_signature_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_signature"),
        sa.UniqueConstraint("action_id", "contact_id", name="uq_signature_action_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_signature_action_at",
        "signature",
        ["action_id", "at"],
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_signature_contact_id", "signature", ["contact_id"])
    op.create_index("ix_signature_source_id", "signature", ["source_id"])
    op.create_index("ix_signature_state", "signature", ["state"])
