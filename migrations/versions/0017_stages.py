"""Stages of influencers, snoozes, positions per campaign, and more on the profile."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

PROFILE = ("languages", "assistant_name", "assistant_contact")
STAGES = ("identified", "connected", "engaged", "asked", "champion")


def upgrade() -> None:
    stage = op.create_table(
        "stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("before_contact", sa.Boolean(), nullable=False),
        sa.Column("stale_after", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_to", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("key", name=op.f("uq_stage_key")),
    )
    op.bulk_insert(
        stage,
        [
            {
                "key": key,
                "label": key.capitalize(),
                "position": position,
                "before_contact": position == 0,
                "moved_to": "",
                "version": 1,
            }
            for position, key in enumerate(STAGES)
        ],
    )
    _add_snoozes()
    _add_positions()
    # As one statement, which both databases know; SQLite could add no such constraint later.
    name = "fk_influencer_backup_owner_id_user"
    op.execute(f'ALTER TABLE influencer ADD COLUMN backup_owner_id INTEGER CONSTRAINT {name} REFERENCES "user" (id)')
    for column in PROFILE:
        op.add_column("influencer", sa.Column(column, sa.String(length=200), nullable=False, server_default=""))
    op.add_column("influencer", sa.Column("noticed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    for column in ("noticed_on", *PROFILE, "backup_owner_id"):
        op.drop_column("influencer", column)
    op.drop_index(op.f("ix_position_change_position_id"), table_name="position_change")
    op.drop_table("position_change")
    op.drop_index(op.f("ix_position_campaign_id"), table_name="position")
    op.drop_table("position")
    op.drop_index(op.f("ix_snooze_influencer_id"), table_name="snooze")
    op.drop_table("snooze")
    op.drop_table("stage")


def _add_snoozes() -> None:
    op.create_table(
        "snooze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["influencer_id"], ["influencer.id"], name=op.f("fk_snooze_influencer_id_influencer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_snooze_user_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_snooze_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    op.create_index(op.f("ix_snooze_influencer_id"), "snooze", ["influencer_id"], unique=False)


def _add_positions() -> None:
    op.create_table(
        "position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"], ["influencer.id"], name=op.f("fk_position_influencer_id_influencer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_position_campaign_id_campaign"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("influencer_id", "campaign_id", name=op.f("uq_position_influencer_id")),
    )
    op.create_index(op.f("ix_position_campaign_id"), "position", ["campaign_id"], unique=False)
    op.create_table(
        "position_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("old_stance", sa.String(length=32), nullable=False),
        sa.Column("new_stance", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_position_change_position_id_position"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_position_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_change")),
    )
    op.create_index(op.f("ix_position_change_position_id"), "position_change", ["position_id"], unique=False)
