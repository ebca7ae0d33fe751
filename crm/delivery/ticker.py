"""The ticker: runs the recurring jobs, in exactly one of however many worker processes stand.

APScheduler only ticks. Everything that matters stands in the database, so a lost tick costs one interval and a double
one nothing.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from crm.base import database
from crm.extensions import db

log = logging.getLogger(__name__)

ADVISORY_LOCK = 0x7469_636B
DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
CHECKPOINT_SECONDS = 1
LOCK_FILE = "ticker.lock"
TRY = text("SELECT pg_try_advisory_lock(:key)")
# Whoever holds the lock asks something at each tick, and asks nothing else on that connection.
HELD_SINCE = text(
    """
    SELECT extract(epoch FROM clock_timestamp() - state_change) FROM pg_stat_activity WHERE pid IN (
        SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :key AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """
)


class Job(Protocol):
    """A recurring job as the timetable lists it."""

    @property
    def name(self) -> str: ...
    @property
    def run(self) -> Callable[[], object]: ...
    @property
    def every(self) -> timedelta: ...


class Guard:
    """The right to tick: a file lock on this host, and on PostgreSQL an advisory lock among all hosts."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / LOCK_FILE
        self.engine = engine
        self._file: int | None = None
        self._connection: Connection | None = None
        self._locked = False
        self._turn = threading.Lock()  # Jobs run in threads, and a connection belongs to one at a time.

    def holds(self) -> bool:
        """Return whether this process may tick now, taking the right where it is free."""
        with self._turn:
            return self._holds()

    def release(self) -> None:
        """Let another process tick."""
        with self._turn:
            self._release()

    def _holds(self) -> bool:
        if self._file is None and not self._lock_file():
            return False
        os.utime(self.path)
        if self.engine.dialect.name != "postgresql":
            return True
        try:
            return self._lock_database()
        except SQLAlchemyError as error:
            log.warning("the ticker waits for the database: %s", error)
            self._drop_connection()
            return False

    def _release(self) -> None:
        if self._connection is not None and self._locked:
            with suppress(SQLAlchemyError):  # A broken connection has let go already.
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
        self._drop_connection()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lock_file(self) -> bool:
        file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _lock_database(self) -> bool:
        # The lock lives as long as the connection; each look proves that it still does.
        if self._connection is None:
            self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._locked = False
        if self._locked:
            self._connection.execute(text("SELECT 1"))
        else:
            self._locked = bool(self._connection.execute(TRY, {"key": ADVISORY_LOCK}).scalar())
        return self._locked

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def seconds_since_tick(engine: Engine, folder: Path) -> float | None:
    """Return how long ago a worker ticked last; None where no worker of this installation ticks."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            age = connection.execute(HELD_SINCE, {"key": ADVISORY_LOCK}).scalar()
        return None if age is None else float(age)
    try:
        with (folder / LOCK_FILE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return max(0.0, time.time() - (folder / LOCK_FILE).stat().st_mtime)
    return None


class Ticker:
    """Runs the jobs while this process holds the guard."""

    def __init__(self, app: Flask, jobs: Sequence[Job], guard: Guard) -> None:
        self.app = app
        self.jobs = jobs
        self.guard = guard
        self.scheduler = BackgroundScheduler(job_defaults=DEFAULTS, timezone="UTC")

    def start(self) -> None:
        """Tick in the background until shut down."""
        for job in self.jobs:
            self.scheduler.add_job(
                self.tick, "interval", args=[job], id=job.name, seconds=job.every.total_seconds(), replace_existing=True
            )
        if self.guard.engine.dialect.name == "sqlite":
            self.scheduler.add_job(self.checkpoint, "interval", id="checkpoint", seconds=CHECKPOINT_SECONDS)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # A tick that comes late is no news.
        self.scheduler.start()

    def stop(self) -> None:
        """Tick no more; a job that is running is waited for."""
        self.scheduler.shutdown(wait=True)
        self.guard.release()

    def tick_all(self) -> None:
        """Run every job once, now, where this process may."""
        for job in self.jobs:
            self.tick(job)

    def tick(self, job: Job) -> None:
        """Run one job and commit; what fails is logged, and tried again at the next tick."""
        with self.app.app_context():
            if not self.guard.holds():
                return
            try:
                job.run()
                db.session.commit()
            except Exception:
                log.exception("the job %r failed", job.name)
                db.session.rollback()

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the database file; no other connection does (see base.database)."""
        with self.app.app_context():
            if self.guard.holds():
                database.checkpoint(db.engine)
