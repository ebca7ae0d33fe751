"""What runs the recurring jobs and the deferred ones; DATABASE_URL says how.

SQLite, one machine: the ticker alone. PostgreSQL, any number of machines: the ticker, in one process of all, and in
every worker Procrastinate for the deferred jobs (crm.base.jobs).
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from flask import Flask

from crm.base import jobs
from crm.delivery.ticker import Guard, Job, Ticker
from crm.extensions import db

with suppress(ImportError):  # Comes with the extra `postgres`; SQLite does without.
    import procrastinate

log = logging.getLogger(__name__)

Tasks = Mapping[str, Callable[[int], object]]
CONCURRENCY = 2
HEARTBEAT_SECONDS = 2
POLL_SECONDS = 2
AGAIN_SECONDS = 1.0
GRACE_SECONDS = 10


class Engine:
    """The background work of one worker process, but for the sending."""

    def __init__(self, app: Flask, recurring: Sequence[Job], tasks: Tasks, folder: Path) -> None:
        self.ticker = Ticker(app, recurring, Guard(db.engine, folder))
        self.runner = Runner(app, tasks) if tasks and db.engine.dialect.name == "postgresql" else None

    def start(self) -> None:
        """Work in the background until stopped."""
        if self.runner:
            self.runner.start()
        self.ticker.start()

    def stop(self) -> None:
        """Begin nothing more, and let what runs come to an end."""
        self.ticker.stop()
        if self.runner:
            self.runner.stop()


class Runner:
    """Procrastinate's worker in a thread of its own, started again whenever the database has been away."""

    def __init__(self, app: Flask, tasks: Tasks) -> None:
        self.app = app
        self.tasks = tasks
        self.address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options = app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {}
        self.options = dict(options.get("connect_args") or {})
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        for name in ("procrastinate", "psycopg.pool"):  # They report each reconnection at length; we do in a line.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        jobs.runs_here(True)
        self._thread.start()

    def stop(self) -> None:
        jobs.runs_here(False)
        self._stopping.set()
        if self._loop is not None and self._worker is not None:
            with suppress(RuntimeError):  # The loop has ended already.
                self._loop.call_soon_threadsafe(self._worker.cancel)
        self._thread.join(GRACE_SECONDS + 2)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work())
            except asyncio.CancelledError:
                return
            except Exception as error:
                log.warning("jobs wait for the database: %s", error)
            self._stopping.wait(AGAIN_SECONDS)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._worker = asyncio.current_task()
        connector = procrastinate.PsycopgConnector(
            conninfo=self.address, kwargs=self.options, min_size=1, max_size=2, timeout=5
        )
        queue = procrastinate.App(connector=connector)
        for name, run in self.tasks.items():
            queue.task(name=name, queue=jobs.QUEUE)(self._committed(name, run))
        async with queue.open_async():
            await queue.run_worker_async(
                queues=[jobs.QUEUE],
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=jobs.STALLED_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="always",
            )

    def _committed(self, name: str, run: Callable[[int], object]) -> Callable[[int], None]:
        def work(number: int) -> None:
            with self.app.app_context():
                try:
                    run(number)
                    db.session.commit()
                except Exception:  # What is undone still stands in the subject's table; a tick asks for it again.
                    log.exception("the job %r failed for %d", name, number)
                    db.session.rollback()

        return work
