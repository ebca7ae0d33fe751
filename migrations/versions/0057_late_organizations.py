"""Whether an organization signed late is told by its moment and the soft deadline as it stands now."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.drop_column("sign_on", "late")


def downgrade() -> None:
    op.add_column("sign_on", sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False))
