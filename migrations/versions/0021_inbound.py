"""Who takes part in interactions, their time and place, their edits; copies of mail that staff send in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("user", sa.Column("copy_number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("interaction", sa.Column("begins_at", sa.Time(), nullable=True))
    op.add_column("interaction", sa.Column("zone", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("interaction", sa.Column("place", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("interaction", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    _add_participants("contact")
    _add_participants("user")
    op.create_table(
        "interaction_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_interaction_change_interaction_id_interaction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_interaction_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction_change")),
    )
    op.create_index(op.f("ix_interaction_change_interaction_id"), "interaction_change", ["interaction_id"])
    _add_mails()


def downgrade() -> None:
    op.drop_index(op.f("ix_inbound_mail_interaction_id"), table_name="inbound_mail")
    op.drop_index("ix_inbound_mail_user_state", table_name="inbound_mail")
    op.drop_table("inbound_mail")
    op.drop_index(op.f("ix_interaction_change_interaction_id"), table_name="interaction_change")
    op.drop_table("interaction_change")
    for whom in ("user", "contact"):
        op.drop_index(op.f(f"ix_interaction_{whom}_{whom}_id"), table_name=f"interaction_{whom}")
        op.drop_table(f"interaction_{whom}")
    for column in ("version", "place", "zone", "begins_at"):
        op.drop_column("interaction", column)
    op.drop_column("user", "copy_number")


def _add_participants(whom: str) -> None:
    table = f"interaction_{whom}"
    op.create_table(
        table,
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column(f"{whom}_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f(f"fk_{table}_interaction_id_interaction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [f"{whom}_id"], [f"{whom}.id"], name=op.f(f"fk_{table}_{whom}_id_{whom}"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("interaction_id", f"{whom}_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{whom}_id"), table, [f"{whom}_id"])


def _add_mails() -> None:
    op.create_table(
        "inbound_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("interaction_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("receivers", JSON, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("attached", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_inbound_mail_user_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interaction.id"],
            name=op.f("fk_inbound_mail_interaction_id_interaction"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("digest", name=op.f("uq_inbound_mail_digest")),
    )
    op.create_index("ix_inbound_mail_user_state", "inbound_mail", ["user_id", "state"])
    op.create_index(op.f("ix_inbound_mail_interaction_id"), "inbound_mail", ["interaction_id"])
