"""Organizations that sign letters, and the deliveries of letters."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.add_column("action", sa.Column("soft_closes_at", sa.DateTime(timezone=True), nullable=True))
    _add_letter_delivery()
    _add_sign_on()


def downgrade() -> None:
    op.drop_table("sign_on")
    op.drop_table("letter_delivery")
    with op.batch_alter_table("action") as table:
        table.drop_column("soft_closes_at")


def _add_letter_delivery() -> None:
    op.create_table(
        "letter_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("organizations", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_letter_delivery_action_id_action", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name="fk_letter_delivery_interaction_id_interaction",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_letter_delivery_user_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_letter_delivery"),
    )
    op.create_index("ix_letter_delivery_action_id", "letter_delivery", ["action_id"])


def _add_sign_on() -> None:
    op.create_table(
        "sign_on",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("signer_title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_digest", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("new", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_sign_on_action_id_action", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_sign_on_contact_id_contact", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name="fk_sign_on_decided_by_id_user"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name="fk_sign_on_organization_id_organization",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_sign_on_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_on"),
        sa.UniqueConstraint("action_id", "name_key", name="uq_sign_on_action_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_on_contact_id", "sign_on", ["contact_id"])
    op.create_index("ix_sign_on_organization_id", "sign_on", ["organization_id"])
    op.create_index("ix_sign_on_state", "sign_on", ["state"])
