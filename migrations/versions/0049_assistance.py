"""Requests for technical assistance."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "assistance_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("organization_name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("contact_id", "contact", "CASCADE"),
        _key("owner_id", "user", "SET NULL"),
        _key("member_id", "organization", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_request")),
        sa.UniqueConstraint("contact_id", "asked_at", name=op.f("uq_assistance_request_contact_id")),
    )
    op.create_index("ix_assistance_request_state_due_on", "assistance_request", ["state", "due_on"])
    for column in ("owner_id", "member_id"):
        op.create_index(op.f(f"ix_assistance_request_{column}"), "assistance_request", [column])


def downgrade() -> None:
    op.drop_table("assistance_request")


def _key(column: str, table: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_assistance_request_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete=on_delete)
