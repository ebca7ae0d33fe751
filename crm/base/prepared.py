"""Statements that are compiled once, and then go to the driver as they are: for what has to stand a rush.

A statement of SQLAlchemy is looked up, checked and given its values anew each time that it is executed, which costs
several times as much as what the driver and SQLite then do. Its listeners to statements do not hear of these.
"""

import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from crm.extensions import db

KEY = "prepared"
Row = Sequence[Any]
Process = Callable[[Any], Any]


class Prepared:
    """A statement for the session's transaction that concerns no object of the session.

    make: returns the statement; called once for each dialect, inside of the application. Refused with ValueError are
    a list that is written out for each execution (`in_` of Python values), an UPDATE of columns with `onupdate`, and
    one that is a text, which does not tell whether it gives rows.
    """

    def __init__(self, make: Callable[[], Executable]) -> None:
        self._make = make
        self._forms: dict[str, _Form] = {}

    def first(self, values: Mapping[str, Any]) -> Row | None:
        """Run it, and return its first row; None where there is none.

        The values have the same names each time. What an INSERT does not name gets the defaults of its columns. The row
        is the driver's: what is true is 1 on SQLite, and a moment is text. Raises DBAPIError, as SQLAlchemy does.
        """
        row: Row | None = self._run(values, lambda cursor: cursor.fetchone())
        return row

    def all(self, values: Mapping[str, Any]) -> Sequence[Row]:
        """Run it, and return all of its rows."""
        rows: Sequence[Row] = self._run(values, lambda cursor: cursor.fetchall()) or ()
        return rows

    def one(self, values: Mapping[str, Any]) -> Row:
        """Run it, and return its first row, which there always is."""
        row = self.first(values)
        if row is None:
            raise LookupError("the statement gave no row")
        return row

    def scalar(self, values: Mapping[str, Any]) -> Any:
        """Run it, and return the first value of its first row; None where there is none."""
        row = self.first(values)
        return None if row is None else row[0]

    def _run(self, values: Mapping[str, Any], fetch: Callable[[Any], Any]) -> Any:
        connection = _connection()
        form = self._forms.get(connection.dialect.name)
        if form is None:
            form = self._forms[connection.dialect.name] = _Form(self._make(), list(values), connection.dialect)
        filled = form.fill(values)
        try:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(form.text, filled)
                return fetch(cursor) if form.gives_rows else None
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(error, connection, form.text, filled) from error


class _Form:
    """A statement in the words of one dialect, and how its values become those of the driver."""

    def __init__(self, statement: Executable, names: list[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names)  # type: ignore[attr-defined]
        if not isinstance(compiled, SQLCompiler) or "POSTCOMPILE" in str(compiled) or compiled.update_prefetch:
            raise ValueError(f"this statement is another one each time: {compiled}")
        if compiled.isplaintext:
            raise ValueError(f"this statement is a text: {compiled}")
        self.text = str(compiled)
        changes = compiled.isinsert or compiled.isupdate or compiled.isdelete
        self.gives_rows = bool(compiled.effective_returning) if changes else True
        self._order = compiled.positiontup
        self._defaults = {column.key: column for column in compiled.insert_prefetch}
        self._processes: dict[str, Process | None] = {}
        self._fixed: dict[str, Any] = {}
        asked = {*names, *self._defaults}
        for bind, name in compiled.bind_names.items():
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if name in asked:
                self._processes[name] = process
            elif bind.required:
                raise ValueError(f"nothing is given for {name}")
            else:
                self._fixed[name] = process(bind.effective_value) if process else bind.effective_value

    def fill(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        if self._defaults:
            values = _with_defaults(values, self._defaults)
        filled = self._fixed.copy()
        for name, process in self._processes.items():
            filled[name] = process(values[name]) if process else values[name]
        return filled if self._order is None else tuple([filled[name] for name in self._order])


def _connection() -> Connection:
    """Return the connection of the session's transaction, or savepoint; looked up once in each, as it takes its time.

    The first look sets the savepoint.
    """
    session = db.session()
    present = _present(session)
    known: tuple[Callable[[], Any], Connection] | None = session.info.get(KEY)
    if known is not None and present is not None and known[0]() is present and session.is_active:
        return known[1]
    connection = session.connection()
    session.info[KEY] = (weakref.ref(_present(session)), connection)  # A transaction knows its session: no circle.
    return connection


def _present(session: Session) -> Any:
    return session.get_nested_transaction() or session.get_transaction()


def _wrapped(error: Exception, connection: Connection, text: str, values: Any) -> BaseException:
    """Return the error of the driver as SQLAlchemy's; where the connection is gone, leave it and all that wait."""
    gone = connection.dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    wrapped = DBAPIError.instance(
        text,
        values,
        error,
        connection.dialect.loaded_dbapi.Error,
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=gone,
        dialect=connection.dialect,
    )
    if gone:
        connection.invalidate(wrapped)
        connection.engine.dispose()
    return wrapped


class _NewRow:
    """What the defaults of columns ask for: the row that is being inserted."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def get_current_parameters(self) -> dict[str, Any]:
        return self._row


def _with_defaults(values: Mapping[str, Any], columns: Mapping[str, Column[Any]]) -> dict[str, Any]:
    row = dict(values)
    context = _NewRow(row)
    for name, column in columns.items():
        default: Any = column.default
        row[name] = default.arg(context) if default.is_callable else default.arg
    return row
