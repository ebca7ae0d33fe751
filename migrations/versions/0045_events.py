"""Events, who registers for them and what they were sent; a message may bring a calendar file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("message", sa.Column("calendar", sa.String(length=32), server_default="", nullable=False))
    _add_events()
    _add_attendances()
    op.create_table(
        "event_mail",
        sa.Column("attendance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_keys("event_mail", ("attendance", "attendance", "CASCADE")),
        sa.PrimaryKeyConstraint("attendance_id", "name", name=op.f("pk_event_mail")),
    )
    op.create_table(
        "attendance_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("tool", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        *_keys("attendance_import", ("event", "event", None)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_import")),
    )
    op.create_index(op.f("ix_attendance_import_event_id"), "attendance_import", ["event_id"])


def downgrade() -> None:
    for table in ("attendance_import", "event_mail", "attendance", "event"):
        op.drop_table(table)
    with op.batch_alter_table("message") as table:
        table.drop_column("calendar")


def _add_events() -> None:
    words = ("kind", "state")
    texts = ("titles", "summaries", "descriptions", "texts_attended", "texts_missed", "reminders")
    dates = ("closes_at", "followed_up_at", "told_at", "held_at", "needs_forgotten_at")
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in words),
        *(sa.Column(name, JSON, nullable=False) for name in texts),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("starts_at", "ends_at")),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(length=2000), nullable=False) for name in ("join_url", "recording_url")),
        sa.Column("capacity", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in dates),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=True) for name in ("campaign", "ask", "organization")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("sequence", "version")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "updated_at")),
        *_keys("event", ("campaign", "campaign", None), ("ask", "ask", "SET NULL")),
        *_keys("event", ("organization", "organization", None)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_state_starts_at", "event", ["state", "starts_at"])
    for name in ("campaign_id", "ask_id", "organization_id"):
        op.create_index(op.f(f"ix_event_{name}"), "event", [name])


def _add_attendances() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=False) for name in ("event", "contact")),
        sa.Column("source_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in ("state", "how")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("since", "created_at")),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("registered_at", "canceled_at", "attended_at")
        ),
        sa.Column("new", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("needs", JSON, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("told", "rounds")),
        *_keys("attendance", ("event", "event", None), ("contact", "contact", "CASCADE"), ("source", "source", None)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("event_id", "contact_id", name=op.f("uq_attendance_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attendance_event_state", "attendance", ["event_id", "state", "since"])
    op.create_index("ix_attendance_attended", "attendance", ["contact_id", "attended_at"])
    for name in ("contact_id", "source_id", "created_at"):
        op.create_index(op.f(f"ix_attendance_{name}"), "attendance", [name])


def _keys(table: str, *named: tuple[str, str, str | None]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([f"{name}_id"], [f"{to}.id"], name=op.f(f"fk_{table}_{name}_id_{to}"), ondelete=rule)
        for name, to, rule in named
    ]
