"""The public site: pages in blocks, its looks and menu; what members say of themselves, and their services."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    _add_members()
    _add_pages()


def downgrade() -> None:
    for table in ("site_setting", "site_page_revision", "site_page", "member_service", "member_profile"):
        op.drop_table(table)


def _add_members() -> None:
    op.create_table(
        "member_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("abouts", JSON, nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _of_organization("member_profile"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_profile")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_member_profile_organization_id")),
    )
    op.create_table(
        "member_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        *(sa.Column(name, JSON, nullable=False) for name in ("names", "descriptions")),
        *(sa.Column(name, JSON, nullable=False) for name in ("states", "professions", "languages")),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_organization("member_service"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_service")),
    )
    op.create_index(op.f("ix_member_service_organization_id"), "member_service", ["organization_id"])


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_id_organization")
    return sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=name, ondelete="CASCADE")


def _add_pages() -> None:
    op.create_table(
        "site_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("fixed", sa.String(length=32), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("shown", JSON, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed", sa.String(length=200), nullable=False),
        sa.Column("agreed_by", sa.String(length=200), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_page")),
        sa.UniqueConstraint("fixed", name=op.f("uq_site_page_fixed")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_site_page_kind")),
    )
    op.create_index("ix_site_page_kind_published_at", "site_page", ["kind", "published_at"])
    op.create_table(
        "site_page_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["site_page.id"], name=op.f("fk_site_page_revision_page_id_site_page"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_page_revision")),
    )
    op.create_index(op.f("ix_site_page_revision_page_id"), "site_page_revision", ["page_id"])
    op.create_table(
        "site_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("primary", sa.String(length=7), nullable=False),
        sa.Column("menu", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_setting")),
    )
