"""The frequency cap of mailings, whom it left out, and subscriptions that segments count quickly."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "frequency_cap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("free_kinds", JSON, nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("turn_until", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frequency_cap")),
    )
    op.create_table(
        "cap_exception",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_mailing("cap_exception"),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_cap_exception")),
    )
    op.create_table(
        "cap_outcome",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        _of_mailing("cap_outcome"),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_cap_outcome")),
    )
    op.create_table(
        "capped_contact",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_capped_contact_contact_id_contact"), ondelete="CASCADE"
        ),
        _of_mailing("capped_contact"),
        sa.PrimaryKeyConstraint("mailing_id", "contact_id", name=op.f("pk_capped_contact")),
    )
    op.create_index(op.f("ix_capped_contact_contact_id"), "capped_contact", ["contact_id"])
    op.drop_index("ix_subscription_topic_state", "subscription")
    op.create_index("ix_subscription_topic_state", "subscription", ["topic_id", "state", "contact_id"])
    op.create_index("ix_subscription_state_contact", "subscription", ["state", "contact_id"])


def downgrade() -> None:
    op.drop_index("ix_subscription_state_contact", "subscription")
    op.drop_index("ix_subscription_topic_state", "subscription")
    op.create_index("ix_subscription_topic_state", "subscription", ["topic_id", "state"])
    for name in ("capped_contact", "cap_outcome", "cap_exception", "frequency_cap"):
        op.drop_table(name)


def _of_mailing(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_mailing_id_mailing")
    return sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name=name, ondelete="CASCADE")
