"""Pictures for mailings, the designs that they wear, and which mailing wears which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "mailing_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("alt", sa.String(length=200), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailing_picture_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_picture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mailing_picture_public_id")),
    )
    op.create_table(
        "mailing_design",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("colors", JSON, nullable=False),
        sa.Column("font", sa.String(length=32), nullable=False),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.Column("header", JSON, nullable=False),
        sa.Column("footer", JSON, nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["logo_id"], ["mailing_picture.id"], name=op.f("fk_mailing_design_logo_id_mailing_picture")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_design")),
    )
    op.create_table(
        "mailing_dress",
        sa.Column("mailing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("design_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["design_id"],
            ["mailing_design.id"],
            name=op.f("fk_mailing_dress_design_id_mailing_design"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_dress_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_dress")),
    )


def downgrade() -> None:
    op.drop_table("mailing_dress")
    op.drop_table("mailing_design")
    op.drop_table("mailing_picture")
