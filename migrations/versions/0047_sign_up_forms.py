"""Sign-up forms that staff make."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sign_up_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("questions", JSON, nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("members", JSON, nullable=False),
        sa.Column("origins", JSON, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_up_form")),
        sa.UniqueConstraint("name", name=op.f("uq_sign_up_form_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_sign_up_form_slug")),
    )
    op.create_index("ix_sign_up_deed", "sign_up", ["deed_kind", "about_id", "state"])
    op.create_index("ix_consent_record_purpose", "consent_record", ["purpose", "contact_id"])


def downgrade() -> None:
    op.drop_index("ix_consent_record_purpose", "consent_record")
    op.drop_index("ix_sign_up_deed", "sign_up")
    op.drop_table("sign_up_form")
