"""Titles of goals by language."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0071"
down_revision = "0070"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("goal", sa.Column("titles", JSON, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("goal", "titles")
