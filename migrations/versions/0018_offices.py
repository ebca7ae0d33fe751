"""Offices apart from their holders, committee seats as rows, asks handed over, since when districts hold."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SEAT = ("code", "name", "role", "rank", "side")
OFFICE = {"body": 200, "state": 32, "district": 32, "address": 200, "phone": 32, "website": 2000, "web_form": 2000}


def upgrade() -> None:
    _add_offices()
    _add_holdings()
    _add_contacts()
    _add_handovers()
    op.create_table(
        "district_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_table")),
    )
    op.add_column("influencer", sa.Column("former_since", sa.Date(), nullable=True))
    # As one statement, which both databases know; SQLite could add no such constraint later.
    name = "fk_interaction_next_step_user_id_user"
    op.execute(f'ALTER TABLE interaction ADD COLUMN next_step_user_id INTEGER CONSTRAINT {name} REFERENCES "user" (id)')
    op.create_index(op.f("ix_interaction_next_step_user_id"), "interaction", ["next_step_user_id"], unique=False)
    _add_seats()
    _seats_become_rows()
    op.drop_column("influencer", "committees")


def downgrade() -> None:
    op.add_column("influencer", sa.Column("committees", JSON, nullable=False, server_default="[]"))
    _rows_become_seats()
    op.drop_table("committee_seat")
    op.drop_index(op.f("ix_interaction_next_step_user_id"), table_name="interaction")
    op.drop_column("interaction", "next_step_user_id")
    op.drop_column("influencer", "former_since")
    for table in ("district_table", "ask_handover", "office_contact", "holding", "office"):
        op.drop_table(table)


def _add_offices() -> None:
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in OFFICE.items()),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("imported_facts", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("key", name=op.f("uq_office_key")),
    )
    op.create_index(op.f("ix_office_title"), "office", ["title"], unique=False)


def _add_holdings() -> None:
    op.create_table(
        "holding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("term_ends_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _reference("holding", "office", ondelete="CASCADE"),
        _reference("holding", "influencer", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
    )
    op.create_index("ix_holding_office", "holding", ["office_id", "until"], unique=False)
    op.create_index("ix_holding_influencer", "holding", ["influencer_id", "until"], unique=False)
    op.create_index(op.f("ix_holding_term_ends_on"), "holding", ["term_ends_on"], unique=False)


def _add_contacts() -> None:
    op.create_table(
        "office_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("office_contact", "office", ondelete="CASCADE"),
        _reference("office_contact", "contact", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_contact")),
    )
    for column in ("office_id", "contact_id"):
        op.create_index(op.f(f"ix_office_contact_{column}"), "office_contact", [column], unique=False)


def _add_seats() -> None:
    op.create_table(
        "committee_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("influencer_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        _reference("committee_seat", "influencer", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_seat")),
    )
    for column in ("influencer_id", "code"):
        op.create_index(op.f(f"ix_committee_seat_{column}"), "committee_seat", [column], unique=False)


def _add_handovers() -> None:
    op.create_table(
        "ask_handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("holding_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _reference("ask_handover", "ask", ondelete="CASCADE"),
        _reference("ask_handover", "holding", ondelete="CASCADE"),
        _reference("ask_handover", "ask", column="successor_id", ondelete="SET NULL"),
        _reference("ask_handover", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask_handover")),
    )
    for column in ("ask_id", "holding_id", "successor_id"):
        op.create_index(op.f(f"ix_ask_handover_{column}"), "ask_handover", [column], unique=False)


def _reference(table: str, other: str, *, column: str = "", ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    column = column or f"{other}_id"
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def _seats_become_rows() -> None:
    connection, influencer, seat = op.get_bind(), _influencer(), _seat()
    for number, committees, facts in connection.execute(
        sa.select(influencer.c.id, influencer.c.committees, influencer.c.imported_facts).order_by(influencer.c.id)
    ).all():
        rows = [{"influencer_id": number, **_told(one)} for one in committees or [] if isinstance(one, dict)]
        if rows:
            connection.execute(sa.insert(seat), rows)
        if facts and "committees" in facts:
            kept = {name: value for name, value in facts.items() if name != "committees"}
            connection.execute(sa.update(influencer).where(influencer.c.id == number).values(imported_facts=kept))


def _rows_become_seats() -> None:
    connection, influencer, seat = op.get_bind(), _influencer(), _seat()
    lasting = sa.select(seat).where(seat.c.until.is_(None)).order_by(seat.c.id)
    seats: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(lasting).mappings():
        seats.setdefault(row["influencer_id"], []).append({name: row[name] for name in SEAT})
    for number, told in seats.items():
        connection.execute(sa.update(influencer).where(influencer.c.id == number).values(committees=told))


def _told(one: dict[str, Any]) -> dict[str, Any]:
    words = {"code": 32, "name": 200, "role": 200, "side": 32}
    rank = one.get("rank")
    told = {name: str(one.get(name) or "")[:length] for name, length in words.items()}
    return {**told, "rank": rank if isinstance(rank, int) else None}


def _influencer() -> sa.TableClause:
    columns = (sa.column("id", sa.Integer()), sa.column("committees", JSON), sa.column("imported_facts", JSON))
    return sa.table("influencer", *columns)


def _seat() -> sa.TableClause:
    names = ("id", "influencer_id", *SEAT, "until")
    types = {"id": sa.Integer(), "influencer_id": sa.Integer(), "rank": sa.Integer(), "until": sa.Date()}
    return sa.table("committee_seat", *(sa.column(name, types.get(name, sa.String())) for name in names))
