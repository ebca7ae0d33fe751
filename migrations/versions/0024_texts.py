"""A mailing may say the same in several languages, each a message of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "mailing_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("preheader", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("markup", sa.String(length=32), nullable=False),
        sa.Column("blocks", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_text_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_text")),
        sa.UniqueConstraint("mailing_id", "language", "variant", name=op.f("uq_mailing_text_mailing_id")),
    )
    op.create_table(
        "mailing_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_message_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mailing_message_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mailing_message_message_id")),
        sa.UniqueConstraint("mailing_id", "language", "variant", name=op.f("uq_mailing_message_mailing_id")),
    )
    op.execute(
        "INSERT INTO mailing_message (message_id, mailing_id, language, variant) "
        "SELECT message_id, id, language, '' FROM mailing WHERE message_id IS NOT NULL"
    )
    with op.batch_alter_table("mailing") as table:
        table.add_column(sa.Column("blocks", JSON, nullable=False, server_default="[]"))
        table.drop_constraint("uq_mailing_message_id", type_="unique")
        table.drop_constraint("fk_mailing_message_id_message", type_="foreignkey")
        table.drop_column("message_id")


def downgrade() -> None:
    with op.batch_alter_table("mailing") as table:
        table.add_column(sa.Column("message_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_mailing_message_id_message", "message", ["message_id"], ["id"])
        table.create_unique_constraint("uq_mailing_message_id", ["message_id"])
        table.drop_column("blocks")
    op.execute(
        "UPDATE mailing SET message_id = "
        "(SELECT min(message_id) FROM mailing_message WHERE mailing_message.mailing_id = mailing.id)"
    )
    op.drop_table("mailing_message")
    op.drop_table("mailing_text")
