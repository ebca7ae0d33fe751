"""Finds the open next steps with a contact."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OPEN_STEP = "next_step <> '' AND next_step_done_at IS NULL"


def upgrade() -> None:
    op.create_index(
        "ix_interaction_open_step",
        "interaction",
        ["contact_id"],
        sqlite_where=sa.text(OPEN_STEP),
        postgresql_where=sa.text(OPEN_STEP),
    )


def downgrade() -> None:
    op.drop_index("ix_interaction_open_step", "interaction")
