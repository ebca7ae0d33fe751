"""Mailings go out in waves; people have a time zone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("contact", sa.Column("zone", sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "mailing_timing",
        sa.Column("mailing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("own_time", sa.Boolean(), nullable=False),
        sa.Column("spread", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.SmallInteger(), nullable=True),
        sa.Column("closes", sa.SmallInteger(), nullable=True),
        sa.Column("resting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_timing_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_timing")),
    )
    op.create_table(
        "mailing_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zones", JSON, nullable=True),
        sa.Column("first", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.SmallInteger(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_wave_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_wave")),
        sa.UniqueConstraint("mailing_id", "number", name=op.f("uq_mailing_wave_mailing_id")),
    )
    unfrozen = sa.text("frozen_at IS NULL")
    op.create_index("ix_mailing_wave_due", "mailing_wave", ["due_at"], sqlite_where=unfrozen, postgresql_where=unfrozen)
    # What is being sent, and is not frozen whole, goes on in one wave.
    op.execute(
        "INSERT INTO mailing_wave (mailing_id, number, due_at, first, last) "
        "SELECT id, 1, released_at, 0, 1000 FROM mailing "
        "WHERE released_at IS NOT NULL AND frozen_at IS NULL AND state IN ('sending', 'paused') "
        "AND id IN (SELECT mailing_id FROM mailing_message)"
    )


def downgrade() -> None:
    op.drop_table("mailing_wave")
    op.drop_table("mailing_timing")
    op.drop_column("contact", "zone")
