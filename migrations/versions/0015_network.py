"""Who knows whom, and who is proposed as an influencer."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ONE_KNOWER = (
    "(CASE WHEN knower_contact_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN knower_user_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN knower_organization_id IS NULL THEN 0 ELSE 1 END) = 1"
)
KNOWERS = (("knower_contact_id", "contact"), ("knower_user_id", "user"), ("knower_organization_id", "organization"))


def upgrade() -> None:
    op.create_table(
        "acquaintance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name, _ in KNOWERS),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("seen_by", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(ONE_KNOWER, name=op.f("ck_acquaintance_one_knower")),
        sa.CheckConstraint(
            "knower_contact_id IS NULL OR knower_contact_id <> contact_id", name=op.f("ck_acquaintance_two_people")
        ),
        sa.CheckConstraint("strength BETWEEN 1 AND 5", name=op.f("ck_acquaintance_strength")),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_acquaintance_{name}_{table}"), ondelete="CASCADE"
            )
            for name, table in (("contact_id", "contact"), *KNOWERS)
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_acquaintance_entered_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_acquaintance_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acquaintance")),
        sa.UniqueConstraint("source_key", name=op.f("uq_acquaintance_source_key")),
    )
    op.create_index("ix_acquaintance_known", "acquaintance", ["contact_id", "state", "knower_contact_id", "strength"])
    op.create_index("ix_acquaintance_knower", "acquaintance", ["knower_contact_id", "state", "strength"])
    for name in ("knower_user_id", "knower_organization_id", "state"):
        op.create_index(op.f(f"ix_acquaintance_{name}"), "acquaintance", [name])
    op.create_table(
        "asked_about",
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_asked_about_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["named_by_id"], ["user.id"], name=op.f("fk_asked_about_named_by_id_user")),
        sa.PrimaryKeyConstraint("influencer_id", name=op.f("pk_asked_about")),
    )
    op.create_table(
        "influencer_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_key", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_influencer_proposal_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_influencer_proposal_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_influencer_proposal_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_influencer_proposal")),
        sa.UniqueConstraint("source_key", name=op.f("uq_influencer_proposal_source_key")),
    )
    for name in ("contact_id", "state"):
        op.create_index(op.f(f"ix_influencer_proposal_{name}"), "influencer_proposal", [name])


def downgrade() -> None:
    op.drop_table("influencer_proposal")
    op.drop_table("asked_about")
    op.drop_table("acquaintance")
