"""Somebody else who writes to a SQLite database while a request is at work."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import event

from crm.extensions import db


@contextmanager
def busy() -> Iterator[None]:
    """After each question that the session asks inside, somebody else commits, unless the write lock is taken."""

    def write(*arguments: Any) -> None:
        if arguments[2].startswith("SELECT"):
            with suppress(sqlite3.OperationalError), closing(_connect()) as other:
                other.execute("UPDATE coalition SET name = name")

    db.session.rollback()
    event.listen(db.engine, "after_cursor_execute", write)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", write)


def can_write() -> bool:
    """Tell whether the write lock lies free."""
    with closing(_connect()) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True


@contextmanager
def holding() -> Iterator[None]:
    """Inside, somebody else has the write lock and does not give it back."""
    db.session.rollback()
    with closing(_connect()) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(str(db.engine.url.database), timeout=0, isolation_level=None)
