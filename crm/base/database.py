"""How connections and transactions begin, and statements for what comes in great numbers."""

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from flask import Flask, has_request_context, request
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from crm.base.sqlite_writing import Writer
from crm.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# What the server shall end by itself, so that its locks hold nobody up: connections of hosts that are cut off, and
# transactions of processes that stand still.
PATIENCE = """
    SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = 10000; SET idle_in_transaction_session_timeout = 60000
"""

_reading: ContextVar[bool] = ContextVar("reading", default=False)
_writing: ContextVar[bool] = ContextVar("writing", default=False)


def init_app(app: Flask) -> None:
    """Prepare the engine of this application."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
        elif db.engine.dialect.name == "postgresql":
            event.listen(db.engine, "connect", _set_patience)


def prepare_sqlite(engine: Engine) -> None:
    """Set the pragmas, and let every transaction that may write begin IMMEDIATE.

    A deferred transaction that reads first and writes later fails at once where another wrote
    in between, whatever the time-out; IMMEDIATE waits its turn. (SQLite: SQLITE_BUSY_SNAPSHOT.)
    """
    event.listen(engine, "do_connect", _connect_writer)
    event.listen(engine, "connect", lambda connection, _record: connection.prepare())
    event.listen(engine, "begin", _begin)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read, and so do not take SQLite's one write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def looking() -> Iterator[None]:
    """Look for long before a short write: ends the present transaction, and reads in one that only reads.

    So SQLite's write lock lies free meanwhile. What was not committed before is dropped. What is written after it is a
    transaction of its own, which must claim what was seen here.
    """
    db.session.rollback()
    with reading():
        try:
            yield
        finally:
            db.session.rollback()


def in_batches(query: Any, number: Any, size: int, tell: Callable[..., Any]) -> Iterator[Any]:
    """Yield what is told of each row of a query, in the order of that column, each batch looked at by itself.

    So a file of any length is sent, however slowly it is taken, while no transaction is open. The column is the id of
    what stands first in a row; `tell` gets what stands in one. What was not committed before is dropped.
    """
    last = 0
    while True:
        with looking():
            rows = db.session.execute(query.where(number > last).order_by(None).order_by(number).limit(size)).all()
            told = [tell(*row) for row in rows]
            last = rows[-1][0].id if rows else last
        if not told:
            return
        yield from told


@contextmanager
def writing() -> Iterator[None]:
    """Write in a request that else only reads: ends the present transaction, and those begun inside mean to write.

    What was not committed before is dropped.
    """
    db.session.rollback()
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def insert_into(model: Any) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT into a table or model in the dialect of this database, which knows ON CONFLICT."""
    return postgresql.insert(model) if db.engine.dialect.name == "postgresql" else sqlite.insert(model)


def one_of(column: Any, numbers: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of these numbers, however many: they are sent as one value."""
    if db.engine.dialect.name == "postgresql":
        return column == func.any(literal(list(numbers), postgresql.ARRAY(BigInteger)))
    listed = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(listed.c.value))


def numbers(query: Select[int]) -> "array[int]":
    """Return the whole numbers that a query tells, however many: eight bytes each. For the inside of `looking`."""
    if db.engine.dialect.name == "postgresql":
        # Else it plans for whoever wants the first few soon.
        db.session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
    return array("q", db.session.scalars(query, execution_options={"yield_per": 10_000}))


def checkpoint(engine: Engine) -> None:
    """Move SQLite's write-ahead log into the database file. Only the ticker's process calls it (see below)."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()  # Not inside of a transaction.
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()


def _connect_writer(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> None:
    named["factory"] = Writer


def _set_patience(connection: Any, _record: object) -> None:
    connection.execute(PATIENCE)
    connection.commit()


def _begin(connection: Connection) -> None:
    if not _writing.get() and (_reading.get() or (has_request_context() and request.method in SAFE_METHODS)):
        connection.exec_driver_sql("BEGIN")
    elif not cast(Writer, connection.connection.dbapi_connection).begin():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
