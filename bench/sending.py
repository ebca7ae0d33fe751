"""One mailing, sent by `crm worker` to a sink of Postfix, and what that took."""

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bench import stage
from bench.counting_sink import CountingSink
from bench.postfix import Sink
from crm.delivery import outbox
from crm.delivery.letter import Letter
from crm.delivery.press import Press
from crm.extensions import db

PROCESSES = 2
LOOK_SECONDS = 0.2
START_SECONDS = 60
MEGABYTE = 1024 * 1024


@dataclass
class Run:
    """What it took to send a mailing."""

    rate: float  # messages a second, from the first to the last
    cpu: float  # seconds of the processor a message, of worker and database
    size: int  # bytes of a message
    peaks: list[float]  # most megabytes of the supervisor and of each sender
    growth: list[float]  # megabytes by which each of them grew from a tenth of the mailing to its end
    log: float  # most megabytes of SQLite's write-ahead log; 0 on PostgreSQL
    database: float  # megabytes of the database at the end


def send(kind: str, place: Path, sink: Sink, messages: int, *, port: int = 0, **settings: str) -> Run:
    """Send a mailing, and return what that took. port: where the worker finds the sink, if not at its own."""
    with stage.installation(kind, place, port or sink.port, **settings) as installation:
        message = stage.queue_mailing(messages)
        size = len(sample(installation, message.id))
        sink.reset()
        watch = watched(installation, sink, message.id, messages)
        counts = outbox.counts(message.id)
        if counts["sent"] != messages or sink.accepted != messages:
            raise SystemExit(f"{kind}: {messages} queued, {sink.accepted} accepted, {counts}")
        peaks = [round(peak, 1) for peak in watch.peaks.values()]
        return Run(sink.rate, watch.cpu, size, peaks, watch.growth(), watch.log, _database_megabytes())


def watched(installation: stage.Installation, sink: Sink | CountingSink, message_id: int, messages: int) -> "Watch":
    """Let a worker send the message, and return what was seen of it.

    The message is held until all senders stand, for smtp-source does not begin before it has started either.
    """
    outbox.pause(message_id)
    db.session.commit()
    _empty_log()
    worker = installation.start("worker", "--processes", str(PROCESSES))
    try:
        _await_senders(worker, installation)
        outbox.resume(message_id)
        db.session.commit()
        watch = Watch(worker, sink, messages)
        watch.run()
    finally:
        _stop(worker)
    return watch


def sample(installation: stage.Installation, message_id: int) -> bytes:
    """Return one message of the mailing as it goes over the wire."""
    press = Press(installation.app, db.engine)
    letter = Letter(1, 1, "0" * 32, "person1@mail.example", 1, {"first_name": "Amina"}, 0, None, message_id)
    return press.print(letter, False).content


@dataclass
class Watch:
    """Watches a worker until its mailing has arrived: memory and processor time of its processes, size of files."""

    worker: subprocess.Popen[bytes]
    sink: Sink | CountingSink
    messages: int
    cpu: float = 0.0
    log: float = 0.0
    peaks: dict[int, float] = field(default_factory=dict)
    early: dict[int, float] = field(default_factory=dict)
    late: dict[int, float] = field(default_factory=dict)

    def run(self) -> None:
        roots = [self.worker.pid, *stage.database_pids()]
        deadline = time.monotonic() + 300 + self.messages / 500
        while not self.sink.accepted and self.worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        already, before = self.sink.accepted, stage.cpu_seconds(*roots)
        while self.sink.accepted < self.messages:
            if self.worker.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the worker stopped at {self.sink.accepted} of {self.messages}")
            self._look()
            time.sleep(LOOK_SECONDS)
        self._look()
        self.cpu = (stage.cpu_seconds(*roots) - before) / max(self.messages - already, 1)
        time.sleep(0.5)  # The last results are on their way into the database.

    def growth(self) -> list[float]:
        """Return the megabytes by which each process grew from a tenth of the mailing on."""
        return [round(self.late[pid] - self.early[pid], 1) for pid in self.early if pid in self.late]

    def _look(self) -> None:
        pids = stage.family(self.worker.pid)
        self.peaks |= {pid: stage.memory(pid, "VmHWM") for pid in pids}
        self.late = {pid: stage.memory(pid, "VmRSS") for pid in pids}
        if not self.early and self.sink.accepted >= self.messages / 10:
            self.early = self.late
        if db.engine.dialect.name == "sqlite":
            self.log = max(self.log, _log().stat().st_size / MEGABYTE)


def _await_senders(worker: subprocess.Popen[bytes], installation: stage.Installation) -> None:
    """Wait until each connection of each sender has its journal."""
    count = PROCESSES * installation.app.config["WORKER_CONNECTIONS"]
    folder = Path(installation.app.config["INSTANCE_PATH"])
    deadline = time.monotonic() + START_SECONDS
    while len(list(folder.rglob("*.journal"))) < count:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("the senders do not start")
        time.sleep(0.05)


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(20)
    except subprocess.TimeoutExpired:
        stage.end(worker)


def _log() -> Path:
    """Return where SQLite's write-ahead log lies."""
    return Path(f"{db.engine.url.database}-wal")


def _empty_log() -> None:
    """Cut SQLite's write-ahead log to nothing, so that its size is that of the sending alone."""
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def _database_megabytes() -> float:
    size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    if db.engine.dialect.name == "postgresql":
        size = "pg_database_size(current_database())"
    octets = int(db.session.scalar(text(f"SELECT {size}")) or 0)
    db.session.rollback()
    return octets / MEGABYTE
