"""Steps of sequences that the frequency cap puts off."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
WHERE = sa.text("put_off_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("sequence_run", sa.Column("put_off_by", sa.Integer(), nullable=True))
    op.create_index(
        "ix_sequence_run_put_off", "sequence_run", ["put_off_by"], sqlite_where=WHERE, postgresql_where=WHERE
    )


def downgrade() -> None:
    op.drop_index("ix_sequence_run_put_off", "sequence_run")
    op.drop_column("sequence_run", "put_off_by")
