"""Letters as they were handed over, and who asked to sign for an organization that stood there already."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"

TEXTS = (("language", sa.String(32)), ("title", sa.String(200)), ("title_language", sa.String(32)))
PROSE = ("body", "addressee")


def upgrade() -> None:
    for name, kind in (*TEXTS, *((name, sa.Text()) for name in PROSE)):
        op.add_column("letter_delivery", sa.Column(name, kind, server_default="", nullable=False))
    _add_delivered_signer()
    _add_further_signer()


def downgrade() -> None:
    op.drop_table("further_signer")
    op.drop_table("delivered_signer")
    for name in (*PROSE, *(name for name, _ in TEXTS)):
        op.drop_column("letter_delivery", name)


def _add_delivered_signer() -> None:
    op.create_table(
        "delivered_signer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("signer_title", sa.String(length=200), nullable=False),
        sa.Column("logo_digest", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_delivered_signer_contact_id_contact", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["letter_delivery.id"],
            name="fk_delivered_signer_delivery_id_letter_delivery",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivered_signer"),
        sa.UniqueConstraint("delivery_id", "position", name="uq_delivered_signer_delivery_id"),
    )
    op.create_index("ix_delivered_signer_contact_id", "delivered_signer", ["contact_id"])


def _add_further_signer() -> None:
    op.create_table(
        "further_signer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("signer_title", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_further_signer_action_id_action", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_further_signer_contact_id_contact", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_further_signer"),
        sa.UniqueConstraint("action_id", "name_key", "contact_id", name="uq_further_signer_action_id"),
    )
    op.create_index("ix_further_signer_contact_id", "further_signer", ["contact_id"])
