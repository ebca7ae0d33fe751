"""The copy of a PostgreSQL database: COPY of each table, in one REPEATABLE READ transaction.

It needs no client tools of a fitting version. The tables themselves come from our migrations, at the revision noted.
Procrastinate's queue stays out: its jobs carry ids alone, and the ticker asks for them anew.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from crm.base.jobs import is_ours
from crm.extensions import db
from crm.site.backup.archive import Reader, Writer
from crm.site.backup.manifest import Contents, Faulty

# Table, column, sequence and the last id given out (null: none) of each column that counts.
COUNTED = text(
    """
    SELECT t.relname, a.attname, CAST(CAST(s.seqrelid AS regclass) AS text), pg_sequence_last_value(s.seqrelid)
    FROM pg_sequence s
    JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    JOIN pg_class t ON t.oid = d.refobjid AND t.relnamespace = CAST(current_schema() AS regnamespace)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    """
)
SET_LAST = text("SELECT setval(CAST(:sequence AS regclass), :last)")
OPTIONS = "WITH (FORMAT text, ENCODING 'UTF8')"


def dump(writer: Writer, _place: Path) -> Contents:
    """Write the copy into a backup, and return what it holds."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        number, fingerprint = connection.execute(text("SELECT id, key_fingerprint FROM installation")).one()
        columns = {table: _columns(connection, table) for table in _tables(connection)}
        rows = {table: _copy_out(writer, connection, table, names) for table, names in columns.items()}
        # Of sequences there are no snapshots. They are read last, so that they tell no less than the rows.
        ids = {row[0]: row[3] for row in connection.execute(COUNTED) if row[0] in rows and row[3] is not None}
    return Contents(revision, str(number), fingerprint, rows, columns, ids)


def check(reader: Reader, _place: Path) -> None:
    """Read the copy of a backup; raises Faulty where it holds other than the manifest says."""
    contents = reader.manifest.contents
    if contents.rows.keys() != contents.columns.keys():
        raise Faulty("Its manifest does not tell the columns of each table.")
    for table, number in contents.rows.items():
        # A row is a line: line ends inside of texts are written as \n (PostgreSQL: COPY, text format).
        if sum(block.count(b"\n") for block in reader.blocks(_member(table))) != number:
            raise Faulty(f"It holds other rows of {table} than its manifest says.")


def load(reader: Reader, _place: Path, connection: Connection, leap: int) -> None:
    """Put the rows of a backup in the place of all rows here, in the connection's transaction; raises Faulty."""
    here = {table: _columns(connection, table) for table in _tables(connection)}
    contents = reader.manifest.contents
    if {table: sorted(names) for table, names in contents.columns.items()} != {
        table: sorted(names) for table, names in here.items()
    }:
        raise Faulty("It holds other tables or columns than its revision says.")
    connection.execute(text(f"TRUNCATE {', '.join(_quoted(connection, *here))}"))
    for table in here:
        if _copy_in(reader, connection, table) != contents.rows[table]:
            raise Faulty(f"Not all rows of {table} could be read.")
    for table, column, sequence, _ in connection.execute(COUNTED).all():
        if table in here:
            highest = connection.scalar(text("SELECT max({}) FROM {}".format(*_quoted(connection, column, table)))) or 0
            last = max(highest, contents.ids.get(table, 0)) + leap
            connection.execute(SET_LAST, {"sequence": sequence, "last": last})
    connection.execute(text("ANALYZE"))  # The plans of the outbox want to know what is large.


def _copy_out(writer: Writer, connection: Connection, table: str, names: list[str]) -> int:
    with writer.member(_member(table)) as member, _cursor(connection) as cursor:
        with cursor.copy(f"COPY {_listed(connection, table, names)} TO STDOUT {OPTIONS}") as rows:
            for row in rows:
                member.write(row)
        return int(cursor.rowcount)


def _copy_in(reader: Reader, connection: Connection, table: str) -> int:
    listed = _listed(connection, table, reader.manifest.contents.columns[table])
    with _cursor(connection) as cursor:
        with cursor.copy(f"COPY {listed} FROM STDIN {OPTIONS}") as rows:
            for block in reader.blocks(_member(table)):
                rows.write(block)
        return int(cursor.rowcount)


def _tables(connection: Connection) -> list[str]:
    """Return our tables, each after those that it refers to."""
    ordered = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in ordered if name and name != "alembic_version" and is_ours(name, "table", {})]


def _columns(connection: Connection, table: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(table)]


def _member(table: str) -> str:
    return f"tables/{table}.copy"


def _listed(connection: Connection, table: str, names: list[str]) -> str:
    return f"{_quoted(connection, table)[0]} ({', '.join(_quoted(connection, *names))})"


def _quoted(connection: Connection, *names: str) -> list[str]:
    return [connection.dialect.identifier_preparer.quote(name) for name in names]


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()
