"""How fast is the whole path, ledger and journal included, against Postfix's own smtp-source on the same sink?

Alternating in one run; the median of three; timed from the first to the last message that the sink accepted. Also the
memory of each process, and what a message costs at 300,000 recipients against 10,000.
"""

import os
import statistics
import subprocess
import time
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
    ours, theirs, reconnecting, peak = [], [], [], 0.0
    size = 0
    for _ in range(ROUNDS):
        rate, memory, size = send(kind, place, sink, MESSAGES)
        ours.append(rate)
        peak = max(peak, memory)
        theirs.append(smtp_source(sink, size, "-d"))
        reconnecting.append(smtp_source(sink, size))
    ratio = statistics.median(ours) / statistics.median(theirs)
    stage.tell(
        bench="throughput",
        database=kind,
        messages=MESSAGES,
        bytes=size,
        ours=round(statistics.median(ours)),
        smtp_source=round(statistics.median(theirs)),
        ratio=round(ratio, 3),
        smtp_source_reconnecting=round(statistics.median(reconnecting)),
        ratio_reconnecting=round(statistics.median(ours) / statistics.median(reconnecting), 3),
        peak_megabytes_a_process=round(peak, 1),
        rounds=[round(rate) for rate in ours],
    )
    return ratio >= GOAL_RATIO and peak < GOAL_MEGABYTES


def scale(kind: str, place: Path, sink: stage.Sink) -> bool:
    """The cost of a message in a small mailing, and in a large one: seconds by the clock, two small around a large."""
    small = [1 / send(kind, place, sink, SMALL)[0] for _ in range(2)]
    large = 1 / send(kind, place, sink, LARGE)[0]
    small.append(1 / send(kind, place, sink, SMALL)[0])
    cost = statistics.median(small)
    stage.tell(
        bench="cost of a message",
        database=kind,
        small=SMALL,
        large=LARGE,
        microseconds_small=round(cost * 1e6, 1),
        microseconds_large=round(large * 1e6, 1),
        ratio=round(large / cost, 3),
    )
    return large / cost <= GOAL_COST


def send(kind: str, place: Path, sink: stage.Sink, messages: int) -> tuple[float, float, int]:
    """Send a mailing by `crm worker`; return messages a second, the peak megabytes of a process, bytes a message."""
    with stage.installation(kind, place, sink.port) as installation:
        message = stage.queue_mailing(messages)
        db.session.commit()
        size = len(sample(installation, message.id))
        db.session.rollback()
        sink.reset()
        worker = installation.start("worker", "--processes", str(PROCESSES))
        try:
            peak = wait(worker, sink, messages)
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
        return sink.rate, peak, size


def sample(installation: stage.Installation, message_id: int) -> bytes:
    """Return one message of the mailing as it goes over the wire."""
    press = Press(installation.app, db.engine)
    letter = Letter(1, 1, "0" * 32, "person1@mail.example", 1, {"first_name": "Amina"}, 0, 0, None, message_id)
    return press.print(letter, False).content


def wait(worker: subprocess.Popen[bytes], sink: stage.Sink, messages: int) -> float:
    peak, deadline = 0.0, time.monotonic() + LONGEST_SECONDS
    while sink.accepted < messages:
        if worker.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the worker stopped at {sink.accepted} of {messages}")
        peak = max([peak, *(stage.peak_megabytes(pid) for pid in stage.family(worker.pid))])
        time.sleep(0.2)
    time.sleep(0.5)  # The last results are on their way into the database.
    return peak


def smtp_source(sink: stage.Sink, size: int, *options: str) -> float:
    """Return the messages a second that Postfix's smtp-source reaches."""
    sink.reset()
    count = ["-s", str(CONNECTIONS), "-m", str(MESSAGES), "-l", str(size)]
    command = [stage.tool("smtp-source"), *options, *count, f"127.0.0.1:{sink.port}"]
    subprocess.run(command, check=True, timeout=LONGEST_SECONDS)
    time.sleep(0.2)
    return sink.rate
