"""An index of those who left, by when, from which the report of a mailing tells who left because of it."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
WHERE = sa.text("act = 'withdrawn'")


def upgrade() -> None:
    op.create_index(
        "ix_consent_record_withdrawn",
        "consent_record",
        ["at", "contact_id"],
        sqlite_where=WHERE,
        postgresql_where=WHERE,
    )


def downgrade() -> None:
    op.drop_index("ix_consent_record_withdrawn", "consent_record")
