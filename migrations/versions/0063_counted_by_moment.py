"""What goals and growth count by its moment is found by it."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
COUNTED = sa.text("withdrawn_at IS NULL")
WHERE = {"sqlite_where": COUNTED, "postgresql_where": COUNTED}


def upgrade() -> None:
    op.create_index("ix_outreach_at", "outreach", ["at", "channel"])
    op.create_index("ix_attendance_since", "attendance", ["since", "state"])
    op.create_index("ix_signature_at", "signature", ["at"], **WHERE)
    op.create_index("ix_submission_at", "submission", ["at"], **WHERE)
    op.create_index("ix_submission_source_id", "submission", ["source_id"])


def downgrade() -> None:
    op.drop_index("ix_submission_source_id", "submission")
    op.drop_index("ix_submission_at", "submission")
    op.drop_index("ix_signature_at", "signature")
    op.drop_index("ix_attendance_since", "attendance")
    op.drop_index("ix_outreach_at", "outreach")
