"""Since when a digest is due, whose day or hour was changed; and the audience of a mailing as it began to go."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.add_column("digest", sa.Column("due_from", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE digest SET due_from = live_since")
    op.add_column("mailing", sa.Column("audience_digest", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("mailing", "audience_digest")
    op.drop_column("digest", "due_from")
