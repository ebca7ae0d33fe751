"""How fast is the whole path, ledger and journal included, against Postfix's own smtp-source on the same sink?

Alternating in one run; the median of three; timed from the first to the last message that the sink accepted. Also the
memory of each process, and what a message costs at 300,000 recipients against 10,000.
"""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import stage
from crm.delivery import outbox
from crm.delivery.letter import Letter
from crm.delivery.press import Press
from crm.extensions import db

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LARGE = int(os.environ.get("BENCH_LARGE", "300000"))
SMALL = 10_000
PROCESSES = 2
CONNECTIONS = 8
GOAL_RATIO, GOAL_MEGABYTES, GOAL_COST = 0.5, 150, 1.10
LONGEST_SECONDS = 600


def main(kinds: tuple[str, ...] = stage.KINDS) -> bool:
    """Measure, print JSON lines, and return whether all goals were met."""
    with stage.folder() as place, stage.Sink() as sink:
        met = [compare(kind, place, sink) for kind in kinds]
        met += [scale(kind, place, sink) for kind in kinds]
    return all(met)


def compare(kind: str, place: Path, sink: stage.Sink) -> bool:
    """Our path and smtp-source, in turns."""
    runs, theirs, reconnecting = [], [], []
    for _ in range(ROUNDS):
        runs.append(send(kind, place, sink, MESSAGES))
        theirs.append(smtp_source(sink, runs[0].size, "-d"))
        reconnecting.append(smtp_source(sink, runs[0].size))
    ours = statistics.median(run.rate for run in runs)
    peak = max(run.megabytes for run in runs)
    ratio = ours / statistics.median(theirs)
    stage.tell(
        bench="throughput",
        database=kind,
        messages=MESSAGES,
        bytes=runs[0].size,
        ours=round(ours),
        smtp_source=round(statistics.median(theirs)),
        ratio=round(ratio, 3),
        smtp_source_reconnecting=round(statistics.median(reconnecting)),
        ratio_reconnecting=round(ours / statistics.median(reconnecting), 3),
        peak_megabytes_a_process=round(peak, 1),
        rounds=[round(run.rate) for run in runs],
        microseconds_a_message=round(statistics.median(run.cpu for run in runs) * 1e6, 1),
    )
    return ratio >= GOAL_RATIO and peak < GOAL_MEGABYTES


def scale(kind: str, place: Path, sink: stage.Sink) -> bool:
    """What a message costs in a small mailing and in a large one: processor time of worker and database.

    (By the clock too, which on a busy machine says more about its other work.)
    """
    runs = [send(kind, place, sink, number) for number in (SMALL, SMALL, LARGE, SMALL)]
    large = runs.pop(2)
    cost = statistics.median(run.cpu for run in runs)
    stage.tell(
        bench="cost of a message",
        database=kind,
        small=SMALL,
        large=LARGE,
        microseconds_small=round(cost * 1e6, 1),
        microseconds_large=round(large.cpu * 1e6, 1),
        ratio=round(large.cpu / cost, 3),
        ratio_by_the_clock=round(statistics.median(run.rate for run in runs) / large.rate, 3),
    )
    return large.cpu / cost <= GOAL_COST


@dataclass
class Run:
    """Messages a second, processor seconds a message, peak megabytes of a process, bytes of a message."""

    rate: float
    cpu: float
    megabytes: float
    size: int


def send(kind: str, place: Path, sink: stage.Sink, messages: int) -> Run:
    """Send a mailing by `crm worker`, and return what that took."""
    with stage.installation(kind, place, sink.port) as installation:
        message = stage.queue_mailing(messages)
        db.session.commit()
        size = len(sample(installation, message.id))
        db.session.rollback()
        sink.reset()
        worker = installation.start("worker", "--processes", str(PROCESSES))
        try:
            peak, cpu = wait(worker, sink, messages)
        finally:
            worker.terminate()
            try:
                worker.wait(20)
            except subprocess.TimeoutExpired:
                stage.end(worker)
        counts = outbox.counts(message.id)
        db.session.rollback()
        if counts["sent"] != messages or sink.accepted != messages:
            raise SystemExit(f"{kind}: {messages} queued, {sink.accepted} accepted, {counts}")
        return Run(sink.rate, cpu, peak, size)


def sample(installation: stage.Installation, message_id: int) -> bytes:
    """Return one message of the mailing as it goes over the wire."""
    press = Press(installation.app, db.engine)
    letter = Letter(1, 1, "0" * 32, "person1@mail.example", 1, {"first_name": "Amina"}, 0, None, message_id)
    return press.print(letter, False).content


def wait(worker: subprocess.Popen[bytes], sink: stage.Sink, messages: int) -> tuple[float, float]:
    """Wait for the last message; return the peak megabytes, and the processor seconds a message after the first."""
    peak, deadline = 0.0, time.monotonic() + LONGEST_SECONDS
    roots = [worker.pid, *stage.database_pids()]
    while not sink.accepted and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    already, before = sink.accepted, stage.cpu_seconds(*roots)
    while sink.accepted < messages:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the worker stopped at {sink.accepted} of {messages}")
        peak = max([peak, *(stage.peak_megabytes(pid) for pid in stage.family(worker.pid))])
        time.sleep(0.2)
    cpu = (stage.cpu_seconds(*roots) - before) / max(messages - already, 1)
    time.sleep(0.5)  # The last results are on their way into the database.
    return peak, cpu


def smtp_source(sink: stage.Sink, size: int, *options: str) -> float:
    """Return the messages a second that Postfix's smtp-source reaches."""
    sink.reset()
    count = ["-s", str(CONNECTIONS), "-m", str(MESSAGES), "-l", str(size)]
    command = [stage.tool("smtp-source"), *options, *count, f"127.0.0.1:{sink.port}"]
    subprocess.run(command, check=True, timeout=LONGEST_SECONDS)
    time.sleep(0.2)
    return sink.rate


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
