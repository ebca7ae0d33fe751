"""Contacts that became part of others, pairs that are two people, imports of influencers with their columns."""

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
CHUNK = 5000
NAMED = sa.text("name_key <> ''")


def upgrade() -> None:
    op.add_column("contact", sa.Column("name_key", sa.String(length=400), nullable=False, server_default=""))
    _fill_name_keys()
    op.create_index("ix_contact_name_key", "contact", ["name_key"], sqlite_where=NAMED, postgresql_where=NAMED)
    op.create_table(
        "merged_contact",
        sa.Column("gone_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("share_code", sa.String(length=16), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_merged_contact_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gone_id", name=op.f("pk_merged_contact")),
    )
    for name in ("contact_id", "address", "share_code"):
        op.create_index(op.f(f"ix_merged_contact_{name}"), "merged_contact", [name])
    _add_pairs()
    op.create_table(
        "former_import_key",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["influencer_id"],
            ["influencer.id"],
            name=op.f("fk_former_import_key_influencer_id_influencer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_former_import_key")),
    )
    op.create_index(op.f("ix_former_import_key_influencer_id"), "former_import_key", ["influencer_id"])
    _add_imports()


def downgrade() -> None:
    op.drop_table("influencer_import")
    op.drop_table("former_import_key")
    op.drop_table("not_the_same")
    op.drop_table("merged_contact")
    op.drop_index("ix_contact_name_key", table_name="contact")
    op.drop_column("contact", "name_key")


def _add_pairs() -> None:
    op.create_table(
        "not_the_same",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_not_the_same_in_order")),
        *(
            sa.ForeignKeyConstraint(
                [name], ["contact.id"], name=op.f(f"fk_not_the_same_{name}_contact"), ondelete="CASCADE"
            )
            for name in ("first_id", "second_id")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_not_the_same")),
    )
    op.create_index(op.f("ix_not_the_same_second_id"), "not_the_same", ["second_id"])


def _add_imports() -> None:
    op.create_table(
        "influencer_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("encoding", sa.String(length=32), nullable=False),
        sa.Column("separator", sa.String(length=1), nullable=False),
        *(sa.Column(name, JSON, nullable=False) for name in ("header", "mapping")),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_influencer_import_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_influencer_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_influencer_import_public_id")),
    )
    op.create_index(op.f("ix_influencer_import_user_id"), "influencer_import", ["user_id"])


def _fill_name_keys() -> None:
    contact = sa.table("contact", sa.column("id"), *(sa.column(n) for n in ("first_name", "last_name", "name_key")))
    connection, last = op.get_bind(), 0
    query = sa.select(contact.c.id, contact.c.first_name, contact.c.last_name).order_by(contact.c.id).limit(CHUNK)
    filled = contact.update().where(contact.c.id == sa.bindparam("of")).values(name_key=sa.bindparam("key"))
    while rows := connection.execute(query.where(contact.c.id > last)).all():
        connection.execute(filled, [{"of": row.id, "key": _key(row.first_name, row.last_name)} for row in rows])
        last = rows[-1].id


def _key(*names: str) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(names)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())[:400]
