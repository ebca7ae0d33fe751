"""The figures of mailings are kept, so that a year of them can be listed and compared."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

NUMBERS = (
    "tried",
    "delivered",
    "clicked",
    "clicks",
    "acted",
    "acts",
    "unsubscribed",
    "complained",
    "bounced",
    "held",
    "joined",
)


def upgrade() -> None:
    op.create_table(
        "mailing_figures",
        sa.Column("mailing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_figures_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_mailing_figures")),
    )
    op.create_index(op.f("ix_mailing_figures_counted_at"), "mailing_figures", ["counted_at"])


def downgrade() -> None:
    op.drop_table("mailing_figures")
