"""Alembic's environment: the application's engine and metadata, one transaction a migration."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import crm.cli  # noqa: F401 (so that every table is known, those of the sample data included)
from crm.base.jobs import is_ours

database = current_app.extensions["migrate"].db


def run() -> None:
    with database.engine.connect() as connection, _without_cascades(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
            compare_type=True,
            include_name=is_ours,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
            context.run_migrations()


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """Let SQLite make a table anew, which begins by dropping it, without what hangs on it going too.

    That is switched outside of transactions only (https://www.sqlite.org/lang_altertable.html#otheralter).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite = connection.connection.cursor()
    sqlite.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if lost := sqlite.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows point at rows that are gone: {lost[:5]}")
    finally:
        sqlite.execute("PRAGMA foreign_keys = ON")


run()
