"""How connections begin: the pragmas of SQLite, and which transactions mean to write."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite

from crm.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_reading: ContextVar[bool] = ContextVar("reading", default=False)


def init_app(app: Flask) -> None:
    """Prepare the engine of this application."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)


def prepare_sqlite(engine: Engine) -> None:
    """Set the pragmas, and let every transaction that may write begin IMMEDIATE.

    A deferred transaction that reads first and writes later fails at once where another wrote
    in between, whatever the time-out; IMMEDIATE waits its turn. (SQLite: SQLITE_BUSY_SNAPSHOT.)
    """
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read, and so do not take SQLite's one write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def insert_into(model: Any) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT into a table or model in the dialect of this database, which knows ON CONFLICT."""
    return postgresql.insert(model) if db.engine.dialect.name == "postgresql" else sqlite.insert(model)


def checkpoint(engine: Engine) -> None:
    """Move SQLite's write-ahead log into the database file. Only the ticker's process calls it (see below)."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()  # Not inside of a transaction.
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()


def has_reset_fault(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite can lose commits when two connections checkpoint (sqlite.org/wal.html#walresetbug)."""
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7))
    return not mended and not (version[:2] == (3, 44) and version >= (3, 44, 6))


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 15000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    if has_reset_fault(sqlite3.sqlite_version_info):
        cursor.execute("PRAGMA wal_autocheckpoint = 0")  # So the ticker's connection is the only one that does.
    cursor.close()


def _begin(connection: Connection) -> None:
    only_reads = _reading.get() or (has_request_context() and request.method in SAFE_METHODS)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
