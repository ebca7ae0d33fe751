"""Tables of base, and the id of this installation."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("thing", sa.String(length=32), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=True),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_thing", "audit_entry", ["thing", "thing_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window_start", name=op.f("pk_counter")),
    )
    op.create_index(op.f("ix_counter_window_start"), "counter", ["window_start"], unique=False)
    op.create_table(
        "installation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "form_post",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_form_post")),
    )
    op.create_index(op.f("ix_form_post_at"), "form_post", ["at"])
    op.create_table(
        "reviewed_text",
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("language", "digest", name=op.f("pk_reviewed_text")),
    )
    installation = sa.table("installation", sa.column("id", sa.Uuid()), sa.column("key_fingerprint", sa.String()))
    op.bulk_insert(installation, [{"id": uuid.uuid4(), "key_fingerprint": ""}])


def downgrade() -> None:
    op.drop_table("reviewed_text")
    op.drop_index(op.f("ix_form_post_at"), table_name="form_post")
    op.drop_table("form_post")
    op.drop_table("installation")
    op.drop_index(op.f("ix_counter_window_start"), table_name="counter")
    op.drop_table("counter")
    op.drop_index("ix_audit_entry_thing", table_name="audit_entry")
    op.drop_table("audit_entry")
