"""Where copies that have an occasion, such as steps of sequences, are found by when they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
WHERE = "occasion <> ''"


def upgrade() -> None:
    op.create_index(
        "ix_delivery_sent_on_occasion",
        "delivery",
        ["message_id", "sent_at"],
        sqlite_where=sa.text(WHERE),
        postgresql_where=sa.text(WHERE),
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_sent_on_occasion", "delivery")
