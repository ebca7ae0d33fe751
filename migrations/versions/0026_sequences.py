"""Sequences of mailings."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sequence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("trigger", sa.String(length=32), nullable=False),
        sa.Column("trigger_value", sa.String(length=200), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("goal_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("live_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["segment.id"], name=op.f("fk_sequence_goal_id_segment")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_sequence_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence")),
        sa.UniqueConstraint("name", name=op.f("uq_sequence_name")),
    )
    op.create_table(
        "sequence_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name=op.f("fk_sequence_step_mailing_id_mailing")),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"], name=op.f("fk_sequence_step_segment_id_segment")),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name=op.f("fk_sequence_step_sequence_id_sequence"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence_step")),
        sa.UniqueConstraint("mailing_id", name=op.f("uq_sequence_step_mailing_id")),
        sa.UniqueConstraint("sequence_id", "number", name=op.f("uq_sequence_step_sequence_id")),
    )
    op.create_table(
        "sequence_run",
        sa.Column("id", LONG, nullable=False),
        sa.Column("sequence_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_sequence_run_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sequence_id"], ["sequence.id"], name=op.f("fk_sequence_run_sequence_id_sequence"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["sequence_step.id"], name=op.f("fk_sequence_run_step_id_sequence_step"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sequence_run")),
        sa.UniqueConstraint("sequence_id", "contact_id", name=op.f("uq_sequence_run_sequence_id")),
    )
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_sequence_run_due",
        "sequence_run",
        ["sequence_id", "due_at"],
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_index("ix_sequence_run_contact_id", "sequence_run", ["contact_id"])


def downgrade() -> None:
    op.drop_table("sequence_run")
    op.drop_table("sequence_step")
    op.drop_table("sequence")
