"""What is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from crm.extensions import db


@contextmanager
def asked() -> Iterator[list[str]]:
    """Yield the list that the statements sent meanwhile come into; a BEGIN is none."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
