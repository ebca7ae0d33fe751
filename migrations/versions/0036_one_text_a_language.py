"""A mailing has one text in each language; a version to compare it with is a mailing of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
UNIQUE = "uq_mailing_text_mailing_id"


def upgrade() -> None:
    with op.batch_alter_table("mailing_text") as table:
        table.drop_constraint(UNIQUE, type_="unique")
        table.drop_column("variant")
        table.create_unique_constraint(UNIQUE, ["mailing_id", "language"])


def downgrade() -> None:
    with op.batch_alter_table("mailing_text") as table:
        table.drop_constraint(UNIQUE, type_="unique")
        table.add_column(sa.Column("variant", sa.String(length=32), nullable=False, server_default=""))
        table.create_unique_constraint(UNIQUE, ["mailing_id", "language", "variant"])
    with op.batch_alter_table("mailing_text") as table:
        table.alter_column("variant", server_default=None)
