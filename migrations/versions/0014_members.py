"""Influencers, asks, interactions and what the timeline says of them, of one member organization or of all."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

OWNED = ("influencer", "ask", "interaction", "timeline_entry")


def upgrade() -> None:
    for table in OWNED:
        # As one statement, which both databases know; SQLite could add no such constraint later.
        name = f"fk_{table}_organization_id_organization"
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN organization_id INTEGER CONSTRAINT {name} REFERENCES organization (id)"
        )
    op.add_column("ask", sa.Column("seen_by", sa.String(length=32), nullable=False, server_default="members"))
    op.add_column("interaction", sa.Column("openness", sa.String(length=32), nullable=False, server_default="open"))
    op.add_column("timeline_entry", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE ask SET seen_by = 'own' WHERE category = 'resources'")
    op.execute("UPDATE timeline_entry SET private = true WHERE kind IN ('ask', 'interaction')")
    op.create_table(
        "restricted_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("admins_only", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_restricted_note_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_restricted_note_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_restricted_note_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restricted_note")),
    )
    op.create_index(op.f("ix_restricted_note_influencer_id"), "restricted_note", ["influencer_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_restricted_note_influencer_id"), table_name="restricted_note")
    op.drop_table("restricted_note")
    for table, column in (("timeline_entry", "private"), ("interaction", "openness"), ("ask", "seen_by")):
        op.drop_column(table, column)
    for table in reversed(OWNED):
        op.drop_column(table, "organization_id")
