"""Rows for every table that there is, with values that are hard to copy."""

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, Date, String, Table, Uuid, insert, select

from crm.base.columns import UtcDateTime, WebAddress
from crm.extensions import db

HARD = 'Tab\there, "quotes", \\N and \\n, line\nends\r\n, ’أهلًا’ 🙂, {}, \\.'
ROWS = 3
# Columns of which exactly one is set: another one in each row.
EITHER = {"acquaintance": ("knower_user_id", "knower_organization_id", "knower_contact_id")}

# Columns of which the first holds the lower id.
ORDERED = {"not_the_same": ("first_id", "second_id")}


def fill_every_table() -> None:
    """Add rows to each table, which is empty: values that are hard to copy, and none where that is allowed."""
    for table in db.metadata.sorted_tables:
        if table.name != "installation":
            for number in range(1, ROWS + 1):
                db.session.execute(insert(table).values(_row(table, number)))
    db.session.commit()


def everything() -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    tables = db.metadata.sorted_tables
    found = {t.name: [tuple(r) for r in db.session.execute(select(t).order_by(*t.primary_key))] for t in tables}
    db.session.rollback()
    return found


def _row(table: Table, number: int) -> dict[str, Any]:
    # The database counts ids itself: 1, 2, 3.
    row = {c.name: _value(c, number) for c in table.columns if c is not table.autoincrement_column}
    for place, name in enumerate(EITHER.get(table.name, ()), 1):
        row[name] = number % ROWS + 1 if place == number else None
    if table.name in ORDERED:
        row |= dict(zip(ORDERED[table.name], ((1, 2), (1, 3), (2, 3))[number - 1], strict=True))
    return row


def _value(column: Column, number: int) -> Any:
    if column.foreign_keys:
        return number
    if number == ROWS and column.nullable:
        return None
    kind = column.type.impl if isinstance(column.type, WebAddress) else column.type
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 3, 8, 6, 59, number, 123456, tzinfo=UTC)
    if isinstance(kind, Date):
        return date(2026, 2, number)
    if isinstance(kind, Uuid):
        return uuid.UUID(int=number)
    if isinstance(kind, JSON):
        return {"text": HARD, "list": [1, 2.5, None, True], "n": number}
    return _plain(kind, number)


def _plain(kind: Any, number: int) -> Any:
    of = kind.python_type
    if of is bool:
        return bool(number % 2)
    if of is str:
        text = f"{number} {HARD}"
        return text[: kind.length] if isinstance(kind, String) and kind.length else text
    values: dict[Any, Any] = {int: number, float: number / 3, Decimal: Decimal(number) / 4}
    values |= {bytes: bytes(range(256)), time: time(23, 59, number)}
    return values[of]
