"""What two versions of a mailing are compared by."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.add_column("mailing_comparison", sa.Column("by", sa.String(length=32), nullable=False, server_default="clicks"))


def downgrade() -> None:
    op.drop_column("mailing_comparison", "by")
