"""Which rows are sample data, and taking just those away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, ForeignKeyConstraint, String, Table, delete, event, insert, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Id, Long
from crm.extensions import Model, db


class DemoRow(Model):
    """One row of sample data, by table and number."""

    __tablename__ = "demo_row"

    id: Mapped[Id]
    table_name: Mapped[str] = mapped_column(String(63), index=True)
    row_id: Mapped[int] = mapped_column(Long)


@contextmanager
def marking() -> Iterator[None]:
    """Mark every row that the session adds inside."""
    made: list[dict[str, Any]] = []

    def note(session: Any, _context: Any) -> None:
        for row in session.new:
            made.append(
                {"table_name": row.__table__.name, "row_id": inspect(row).mapper.primary_key_from_instance(row)[0]}
            )

    event.listen(db.session, "after_flush", note)
    try:
        yield
        db.session.flush()
    finally:
        event.remove(db.session, "after_flush", note)
    mark(made)


def mark(rows: list[dict[str, Any]]) -> None:
    """Mark rows that were not added through the session."""
    if rows:
        db.session.execute(insert(DemoRow), rows)


def unmark(table: str, row_id: int) -> None:
    """Let a row be sample data no more."""
    db.session.execute(delete(DemoRow).where(DemoRow.table_name == table, DemoRow.row_id == row_id))


def marked(table: str) -> Any:
    """Return the query of the numbers of a table's rows that are sample data."""
    return select(DemoRow.row_id).where(DemoRow.table_name == table)


def any_left() -> bool:
    """Tell whether sample data is loaded."""
    return db.session.scalar(select(DemoRow.id).limit(1)) is not None


def remove() -> int:
    """Delete the marked rows, and return how many there were.

    What is part of a sample row (a note on a sample influencer) goes with it, whoever wrote it. A sample row that
    something else refers to (a topic that people have chosen since) stays, and is no sample any more.
    """
    before = db.session.query(DemoRow).count()
    names = set(db.session.scalars(select(DemoRow.table_name).distinct()))
    for table in reversed(db.metadata.sorted_tables):
        if table.name in names:
            free = [table.c.id.in_(marked(table.name)), *_unreferenced(table)]
            db.session.execute(delete(table).where(*free))
    db.session.execute(delete(DemoRow))
    return before


def _unreferenced(table: Table) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for other in db.metadata.sorted_tables:
        for key in other.foreign_key_constraints:
            if key.referred_table is table and key.ondelete is None:
                conditions.append(_no_reference(table, other, key))
    return conditions


def _no_reference(table: Table, other: Table, key: ForeignKeyConstraint) -> ColumnElement[bool]:
    name = next(iter(key.columns)).name
    others = other.alias()
    return ~select(others.c[name]).where(others.c[name] == table.c.id).exists()
