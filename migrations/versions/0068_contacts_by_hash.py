"""An index of the hashes of contacts' addresses, by which those are found of whom something is suppressed."""

from alembic import op

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    op.create_index("ix_contact_address_hash", "contact", ["address_hash"])


def downgrade() -> None:
    op.drop_index("ix_contact_address_hash", "contact")
