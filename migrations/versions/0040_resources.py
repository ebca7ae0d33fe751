"""The library: resources, their files, the words that find them, downloads, and the organizations they propose."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql")
WHEN = sa.DateTime(timezone=True)

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    _add_resources()
    _add_files()
    _add_words()
    _add_downloads()
    _add_proposals()


def downgrade() -> None:
    for table in ("resource_proposal", "download", "resource_word", "resource_file", "resource"):
        op.drop_table(table)


def _add_resources() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        *(sa.Column(name, JSON, nullable=False) for name in ("titles", "summaries", "bodies", "transcripts")),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        *(sa.Column(name, JSON, nullable=False) for name in ("topics", "audiences", "languages")),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("cover", sa.String(length=32), nullable=False),
        sa.Column("cover_drawn", sa.Boolean(), nullable=False),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=True) for name in ("campaign", "ask", "organization")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.Column("published_at", WHEN, nullable=True),
        *(_key("resource", name, name, "SET NULL") for name in ("campaign", "ask", "organization")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_slug")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resource_state_published_on", "resource", ["state", "published_on"])
    for column in ("campaign_id", "ask_id"):
        op.create_index(op.f(f"ix_resource_{column}"), "resource", [column])


def _add_files() -> None:
    op.create_table(
        "resource_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("size", LONG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reading_until", WHEN, nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("replaced_at", WHEN, nullable=True),
        _key("resource_file", "resource", "resource", "CASCADE"),
        _key("resource_file", "user", "user", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_file")),
        sa.UniqueConstraint("token", name=op.f("uq_resource_file_token")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resource_file_state", "resource_file", ["state"])
    op.create_index(op.f("ix_resource_file_resource_id"), "resource_file", ["resource_id"])


def _add_words() -> None:
    op.create_table(
        "resource_word",
        sa.Column("word", WORD, nullable=False),
        sa.Column("resource_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        _key("resource_word", "resource", "resource", "CASCADE"),
        sa.PrimaryKeyConstraint("word", "resource_id", name=op.f("pk_resource_word")),
    )
    op.create_index(op.f("ix_resource_word_resource_id"), "resource_word", ["resource_id"])


def _add_downloads() -> None:
    op.create_table(
        "download",
        sa.Column("id", LONG, nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        *(sa.Column(f"{name}_id", sa.Integer(), nullable=True) for name in ("file", "contact", "source")),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        _key("download", "resource", "resource", "CASCADE"),
        _key("download", "file", "resource_file", "SET NULL"),
        _key("download", "contact", "contact", "SET NULL"),
        _key("download", "source", "source", None),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download")),
        sa.UniqueConstraint("resource_id", "contact_id", "day", name=op.f("uq_download_resource_id")),
    )
    op.create_index("ix_download_contact_at", "download", ["contact_id", "at"])
    for column in ("file_id", "source_id", "at"):
        op.create_index(op.f(f"ix_download_{column}"), "download", [column])


def _add_proposals() -> None:
    op.create_table(
        "resource_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        _key("resource_proposal", "resource", "resource", "CASCADE"),
        _key("resource_proposal", "organization", "organization", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_proposal")),
        sa.UniqueConstraint("resource_id", "key", name=op.f("uq_resource_proposal_resource_id")),
    )
    op.create_index(op.f("ix_resource_proposal_state"), "resource_proposal", ["state"])


def _key(table: str, name: str, other: str, ondelete: str | None) -> sa.ForeignKeyConstraint:
    called = op.f(f"fk_{table}_{name}_id_{other}")
    return sa.ForeignKeyConstraint([f"{name}_id"], [f"{other}.id"], name=called, ondelete=ondelete)
