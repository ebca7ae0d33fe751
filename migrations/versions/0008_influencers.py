"""Tables of influencers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "influencer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("formal_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=False),
        sa.Column("committees", JSON, nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("website", sa.String(length=2000), nullable=False),
        sa.Column("web_form", sa.String(length=2000), nullable=False),
        sa.Column("interest", sa.Integer(), nullable=True),
        sa.Column("influence", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("imported_from", sa.String(length=200), nullable=False),
        sa.Column("imported_facts", JSON, nullable=False),
        sa.Column("import_key", sa.String(length=64), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_influencer_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_influencer_owner_id_user")),
        sa.ForeignKeyConstraint(["released_by_id"], ["user.id"], name=op.f("fk_influencer_released_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_influencer")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_influencer_contact_id")),
        sa.UniqueConstraint("external_id", name=op.f("uq_influencer_external_id")),
        sa.UniqueConstraint("import_key", name=op.f("uq_influencer_import_key")),
    )
    op.create_index(op.f("ix_influencer_owner_id"), "influencer", ["owner_id"], unique=False)
    op.create_index(op.f("ix_influencer_sector"), "influencer", ["sector"], unique=False)
    op.create_index(op.f("ix_influencer_stage"), "influencer", ["stage"], unique=False)
    op.create_index(op.f("ix_influencer_state"), "influencer", ["state"], unique=False)
    op.create_table(
        "interaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=200), nullable=False),
        sa.Column("next_step_due", sa.Date(), nullable=True),
        sa.Column("next_step_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_interaction_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_interaction_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
    )
    op.create_index("ix_interaction_contact_held", "interaction", ["contact_id", "held_on"], unique=False)
    op.create_index("ix_interaction_next_step", "interaction", ["next_step_due", "next_step_done_at"], unique=False)
    op.create_index(op.f("ix_interaction_user_id"), "interaction", ["user_id"], unique=False)
    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("evidence_url", sa.String(length=2000), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("public_by_id", sa.Integer(), nullable=True),
        sa.Column("public_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_ask_campaign_id_campaign"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["influencer_id"], ["influencer.id"], name=op.f("fk_ask_influencer_id_influencer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_ask_owner_id_user")),
        sa.ForeignKeyConstraint(["public_by_id"], ["user.id"], name=op.f("fk_ask_public_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
    )
    op.create_index(op.f("ix_ask_campaign_id"), "ask", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_ask_influencer_id"), "ask", ["influencer_id"], unique=False)
    op.create_index(op.f("ix_ask_owner_id"), "ask", ["owner_id"], unique=False)
    op.create_index("ix_ask_state_due_on", "ask", ["state", "due_on"], unique=False)
    op.create_table(
        "profile_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_profile_change_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_profile_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_change")),
    )
    op.create_index(op.f("ix_profile_change_influencer_id"), "profile_change", ["influencer_id"], unique=False)
    op.create_table(
        "stage_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("old_stage", sa.String(length=32), nullable=False),
        sa.Column("new_stage", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_stage_change_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_stage_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
    )
    op.create_index(op.f("ix_stage_change_influencer_id"), "stage_change", ["influencer_id"], unique=False)
    op.create_table(
        "ask_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("old_state", sa.String(length=32), nullable=False),
        sa.Column("new_state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_ask_change_ask_id_ask"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ask_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_change")),
    )
    op.create_index(op.f("ix_ask_change_ask_id"), "ask_change", ["ask_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_ask_change_ask_id"), table_name="ask_change")
    op.drop_table("ask_change")
    op.drop_index(op.f("ix_stage_change_influencer_id"), table_name="stage_change")
    op.drop_table("stage_change")
    op.drop_index(op.f("ix_profile_change_influencer_id"), table_name="profile_change")
    op.drop_table("profile_change")
    op.drop_index("ix_ask_state_due_on", table_name="ask")
    op.drop_index(op.f("ix_ask_owner_id"), table_name="ask")
    op.drop_index(op.f("ix_ask_influencer_id"), table_name="ask")
    op.drop_index(op.f("ix_ask_campaign_id"), table_name="ask")
    op.drop_table("ask")
    op.drop_index(op.f("ix_interaction_user_id"), table_name="interaction")
    op.drop_index("ix_interaction_next_step", table_name="interaction")
    op.drop_index("ix_interaction_contact_held", table_name="interaction")
    op.drop_table("interaction")
    op.drop_index(op.f("ix_influencer_state"), table_name="influencer")
    op.drop_index(op.f("ix_influencer_stage"), table_name="influencer")
    op.drop_index(op.f("ix_influencer_sector"), table_name="influencer")
    op.drop_index(op.f("ix_influencer_owner_id"), table_name="influencer")
    op.drop_table("influencer")
