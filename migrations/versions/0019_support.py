"""Counted constituents, talking points, photos; no mailing overrules who owns an influencer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_index("ix_contact_zip5", "contact", [sa.text("substr(zip_code, 1, 5)")])
    op.add_column("ask", sa.Column("talking_points", sa.Text(), nullable=False, server_default=""))
    op.drop_column("mailing", "release_influencers")
    op.create_table(
        "constituent_count",
        sa.Column("key", sa.String(length=210), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("neighboring", sa.Integer(), nullable=False),
        sa.Column("by_month", JSON, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_constituent_count")),
    )
    op.create_table(
        "influencer_photo",
        sa.Column("influencer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_influencer_photo_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_influencer_photo_user_id_user")),
        sa.PrimaryKeyConstraint("influencer_id", name=op.f("pk_influencer_photo")),
    )


def downgrade() -> None:
    op.drop_table("influencer_photo")
    op.drop_table("constituent_count")
    released = sa.Column("release_influencers", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("mailing", released)
    op.drop_column("ask", "talking_points")
    op.drop_index("ix_contact_zip5", table_name="contact")
