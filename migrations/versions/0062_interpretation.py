"""Into which languages each event is interpreted: so far all offered the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    offered = '["es", "ar", "ase"]'
    op.add_column("event", sa.Column("interpretation", JSON, nullable=False, server_default=offered))


def downgrade() -> None:
    op.drop_column("event", "interpretation")
