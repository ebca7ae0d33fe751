"""Two versions of a mailing are compared."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "mailing_comparison",
        sa.Column("mailing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("winner", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_comparison_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["mailing.id"], name=op.f("fk_mailing_comparison_other_id_mailing")),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_comparison")),
        sa.UniqueConstraint("other_id", name=op.f("uq_mailing_comparison_other_id")),
    )
    op.add_column("mailing_wave", sa.Column("variant", sa.String(length=32), nullable=True, server_default=""))


def downgrade() -> None:
    op.drop_column("mailing_wave", "variant")
    op.drop_table("mailing_comparison")
