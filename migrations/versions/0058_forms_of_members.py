"""The member that sign-ups by a form count for."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
KEY = "fk_sign_up_form_counts_for_id_organization"


def upgrade() -> None:
    with op.batch_alter_table("sign_up_form") as table:
        table.add_column(sa.Column("counts_for_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(KEY), "organization", ["counts_for_id"], ["id"], ondelete="SET NULL")


def downgrade() -> None:
    with op.batch_alter_table("sign_up_form") as table:
        table.drop_constraint(op.f(KEY), type_="foreignkey")
        table.drop_column("counts_for_id")
