"""Rows that name another row by a foreign key, and how they come to name a different one."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, PrimaryKeyConstraint, Table, UniqueConstraint, delete, select, update

from crm.extensions import db


def holders(of: Table) -> Iterator[Column[Any]]:
    """Yield each column of any table, those of upper rooms too, that names a row of this table."""
    for table in db.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            if key.column.table is of:
                yield key.parent


def repoint(of: Table, kept: int, gone: int, apart: Collection[str] = ()) -> None:
    """Let what names the row `gone` name the row `kept`, but in the tables that are apart.

    Where the kept one has the same already and only one may have it, that of the other is deleted.
    """
    for column in holders(of):
        if column.table.name not in apart:
            _drop_doubles(column, kept, gone)
            db.session.execute(update(column.table).where(column == gone).values({column: kept}))


def _drop_doubles(column: Column[Any], kept: int, gone: int) -> None:
    table = column.table
    for unique in _unique(table):
        if column in unique:
            present = table.alias()
            same = [present.c[other.name] == other for other in unique if other is not column]
            double = select(present.c[column.name]).where(present.c[column.name] == kept, *same).exists()
            db.session.execute(delete(table).where(column == gone, double))


def _unique(table: Table) -> list[Sequence[Column[Any]]]:
    kinds = (UniqueConstraint, PrimaryKeyConstraint)
    named = [list(constraint.columns) for constraint in table.constraints if isinstance(constraint, kinds)]
    return [*named, *(list(index.columns) for index in table.indexes if index.unique)]
