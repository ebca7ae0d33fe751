"""Does a mailing survive random SIGKILLs of its worker, in the middle of sending?

A kill comes at a random progress that the server sees: mostly of one sender process, now and then of the whole worker.
Resend mode: nothing lost, at most one duplicate a connection and kill. Hold mode: no duplicate at all, and at most one
uncertain row a connection and kill.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bench import stage
from bench.counting_sink import CountingSink
from crm.delivery.models import Delivery
from crm.extensions import db

KILLS = int(os.environ.get("BENCH_KILLS", "200"))
RECIPIENTS_A_KILL = 600
PROCESSES = 2
CONNECTIONS = 4
ANSWER_SECONDS = 0.02
LONGEST_PROGRESS = 120
PATIENCE_SECONDS = 120


@dataclass
class Trial:
    """One trial, and what it has done so far."""

    installation: stage.Installation
    sink: CountingSink
    chance: random.Random
    processes: int = PROCESSES
    kills: int = 0
    senders_killed: int = 0
    worker: subprocess.Popen[bytes] | None = field(default=None)

    def run(self, kills: int) -> None:
        """Kill so often, then let the mailing finish."""
        try:
            while self.kills < kills:
                self._start()
                self._await_progress(self.chance.randint(1, LONGEST_PROGRESS))
                self._kill(whole=self.chance.random() < 0.2)
        finally:
            if self.worker is not None:
                stage.end(self.worker)
        self.sink.delay = 0
        last = self.installation.start("worker", "--until-idle", "--processes", str(self.processes), **QUIET)
        last.wait(PATIENCE_SECONDS * 2)

    def _start(self) -> None:
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self.installation.start("worker", "--processes", str(self.processes), **QUIET)

    def _await_progress(self, messages: int) -> None:
        goal = self.sink.accepted + messages
        if not until(lambda: self.sink.accepted >= goal, PATIENCE_SECONDS):
            raise SystemExit(f"no progress after {self.kills} kills: {self.sink.accepted} accepted")

    def _kill(self, *, whole: bool) -> None:
        assert self.worker is not None
        worker, *senders = stage.family(self.worker.pid)
        victims = [worker, *senders] if whole or not senders else [self.chance.choice(senders)]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.kills += 1
        self.senders_killed += len(senders) if whole else 1
        if whole:
            self.worker.wait()


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0005)
    return True


def main() -> bool:
    """Run all four trials, print JSON lines, and return whether all bounds were kept."""
    with stage.folder() as place:
        results = [trial(kind, mode, place, KILLS) for kind in stage.KINDS for mode in ("resend", "hold")]
    return all(results)


def trial(kind: str, mode: str, place: Path, kills: int, seed: int = 20261122) -> bool:
    """Run one trial, print its counts, and return whether its bounds were kept."""
    recipients = max(200, kills * RECIPIENTS_A_KILL)
    with CountingSink(ANSWER_SECONDS) as sink, stage.installation(kind, place, sink.port) as installation:
        message = stage.queue_mailing(recipients, kilobytes=3, on_uncertain=mode)
        db.session.commit()
        started = time.monotonic()
        run = Trial(installation, sink, random.Random(seed))
        run.run(kills)
        counts = judge(message.id, sink) | {
            "bench": "kill trial",
            "database": kind,
            "mode": mode,
            "kills": run.kills,
            "sender_processes_killed": run.senders_killed,
            "bound": run.senders_killed * CONNECTIONS,
            "recipients": recipients,
            "seconds": round(time.monotonic() - started),
        }
    stage.tell(**counts)
    return kept(counts, mode)


def judge(message_id: int, sink: CountingSink) -> dict[str, object]:
    """Compare the rows with what the server counted."""
    query = select(Delivery.address, Delivery.state).where(Delivery.message_id == message_id)
    rows = {row.address: row.state for row in db.session.execute(query)}
    db.session.rollback()
    return {
        "lost": sum(not sink.copies[address] and state != "uncertain" for address, state in rows.items()),
        "duplicates": sum(sink.copies.values()) - len(sink.copies),
        "most_copies": max(sink.copies.values()),
        "uncertain": sum(state == "uncertain" for state in rows.values()),
        "uncertain_that_arrived": sum(state == "uncertain" and sink.copies[a] > 0 for a, state in rows.items()),
        "unfinished": sum(state not in ("sent", "uncertain") for state in rows.values()),
    }


def kept(counts: dict[str, object], mode: str) -> bool:
    bounds = {"lost": 0, "unfinished": 0, "duplicates": counts["bound"] if mode == "resend" else 0}
    bounds["uncertain"] = counts["bound"] if mode == "hold" else 0
    return all(int(str(counts[name])) <= int(str(most)) for name, most in bounds.items())


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
