"""The copy of a SQLite database: the file that VACUUM INTO makes in one reading transaction.

Writers go on meanwhile (write-ahead log), and what was deleted is not in the copy: it holds no free pages.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from crm.extensions import db
from crm.site.backup.archive import Reader, Writer
from crm.site.backup.manifest import DATABASE, Contents, Faulty

# The last ids of tables that never give one out twice.
COUNTED = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"


def dump(writer: Writer, place: Path) -> Contents:
    """Write the copy into a backup, by way of a file in that folder, and return what it holds."""
    copy = place / DATABASE
    # Not inside of a transaction, where there is no VACUUM.
    with closing(db.engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM INTO ?", (str(copy),))
    with writer.member(DATABASE) as member, copy.open("rb") as file:
        member.copy(file)
    with _opened(copy) as found:
        contents = _contents(found)
    copy.unlink()
    return contents


def check(reader: Reader, place: Path) -> None:
    """Open the copy of a backup; raises Faulty where it is damaged, or holds other than the manifest says."""
    with _unpacked(reader, place) as found:
        if (verdict := _verdict(found)) != "ok":
            raise Faulty(f"Its database is damaged: {verdict}")
        if _contents(found) != reader.manifest.contents:
            raise Faulty("Its database holds other rows than its manifest says.")


def load(reader: Reader, place: Path, connection: Connection, leap: int) -> None:
    """Put the rows of a backup in the place of all rows here, in the connection's transaction; raises Faulty."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA defer_foreign_keys = ON")  # Until the transaction ends, so that tables come in any order.
    tables = _tables(driver)
    if sorted(tables) != sorted(reader.manifest.contents.rows):
        raise Faulty("It holds other tables than its revision says.")
    with _unpacked(reader, place) as found:
        for table in tables:
            driver.execute(f'DELETE FROM "{table}"')
        for table, number in reader.manifest.contents.rows.items():
            if _copy(found, driver, table) != number:
                raise Faulty(f"Not all rows of {table} could be read.")
    for (table,) in driver.execute(COUNTED).fetchall():
        last = reader.manifest.contents.ids.get(table, 0)
        driver.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        driver.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last + leap))


def _verdict(found: sqlite3.Connection) -> str:
    try:
        return str(found.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


def _copy(source: sqlite3.Connection, driver: Any, table: str) -> int:
    names = _columns(source, table)
    if sorted(names) != sorted(_columns(driver, table)):
        raise Faulty(f"The table {table} has other columns than its revision says.")
    listed, places = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    rows = source.execute(f'SELECT {listed} FROM "{table}"')
    return int(driver.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({places})', rows).rowcount)


def _contents(found: sqlite3.Connection) -> Contents:
    try:
        revision = found.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        number, fingerprint = found.execute("SELECT id, key_fingerprint FROM installation").fetchone()
        rows = {table: found.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in _tables(found)}
        ids = dict(found.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    except (sqlite3.Error, TypeError) as error:
        raise Faulty(f"Its database is none of ours, or damaged: {error}") from error
    return Contents(revision, str(uuid.UUID(number)), fingerprint, rows, ids=ids)


def _tables(found: Any) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [name for (name,) in found.execute(query) if name != "alembic_version"]


def _columns(found: Any, table: str) -> list[str]:
    return [row[1] for row in found.execute(f'PRAGMA table_info("{table}")')]


@contextmanager
def _unpacked(reader: Reader, place: Path) -> Iterator[sqlite3.Connection]:
    copy = place / DATABASE
    try:
        with copy.open("wb") as file:
            for block in reader.blocks(DATABASE):
                file.write(block)
        with _opened(copy) as found:
            yield found
    finally:
        copy.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as found:
        with suppress(sqlite3.Error):
            found.execute("PRAGMA trusted_schema = OFF")  # Its schema is only data.
        yield found
