"""Does a sender that stood still for longer than its lease, and wakes up, do any harm?

A sender is stopped (SIGSTOP) while it holds a batch. When its lease is over, the batch is settled as any other worker
would, and another sender, with a mail server of its own, sends it. Then the first goes on (SIGCONT). Its server must
get nothing of that batch any more, no row that the other has claimed since may change, and nobody gets two (hold mode).

    python -m bench.zombies [--rounds 100] [--databases sqlite postgresql]
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.exc import DBAPIError

from bench import stage
from bench.counting_sink import CountingSink
from bench.kill_trial import QUIET, judge, until
from bench.nursery import Nursery
from crm.base.database import reading
from crm.delivery import recovery
from crm.delivery.sender import installation_id, journal_folder
from crm.extensions import db

LEASE_SECONDS = 2
ANSWER_SECONDS = 0.02
RECIPIENTS_A_ROUND = 3000
PATIENCE_SECONDS = 60
AWAKE_SECONDS = 0.7  # Longer than a batch is held.
HELD = text("SELECT id, epoch, address FROM delivery WHERE state = 'in_flight' AND owner LIKE '%-' || :pid || '-%'")
ROWS = text("SELECT id, epoch, state, owner, attempts, smtp_code, sent_at FROM delivery WHERE id IN :ids")
ROWS = ROWS.bindparams(bindparam("ids", expanding=True))


class TimedSink(CountingSink):
    """Remembers when each copy came."""

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(delay)
        self.arrivals: list[tuple[float, str]] = []

    def note(self, recipient: str) -> None:
        self.arrivals.append((time.monotonic(), recipient))


@dataclass
class Trial:
    """One mailing, the sender that is stopped, and the one that is not."""

    installation: stage.Installation
    mine: TimedSink
    other: CountingSink
    nursery: Nursery
    chance: random.Random = field(default_factory=lambda: random.Random(20261123))
    stopped: int = 0
    held: int = 0
    reclaimed: int = 0
    late_mails: int = 0
    late_writes: int = 0

    def run(self, rounds: int) -> None:
        """Stop and wake the sender so often while it holds something."""
        victim = self.nursery.start(MAIL_PORT=self.mine.port)
        self.nursery.start(MAIL_PORT=self.other.port, WORKER_CONNECTIONS=2)
        while self.stopped < rounds:
            goal = self.mine.accepted + self.chance.randint(1, 60)
            if not until(lambda enough=goal: self.mine.accepted >= enough, PATIENCE_SECONDS):
                raise SystemExit(f"no progress after {self.stopped} rounds: {self.mine.accepted} accepted")
            os.kill(victim, signal.SIGSTOP)
            try:
                held = self._outlive(victim)
                before = self._rows(held)
            finally:
                woken = time.monotonic()
                os.kill(victim, signal.SIGCONT)
            time.sleep(AWAKE_SECONDS)
            self._judge(held, before, woken)

    def _outlive(self, victim: int) -> dict[int, tuple[int, str]]:
        """Wait until the lease is over and the others have the batch; return what it holds: id -> epoch, address."""
        held = {row.id: (row.epoch, row.address) for row in self._read(HELD, pid=victim)}
        time.sleep(LEASE_SECONDS + 0.1)
        folder = journal_folder(self.installation.app, installation_id(db.engine))
        try:
            recovery.settle(db.engine, folder, installation_id(db.engine))
        except (
            DBAPIError
        ):  # SQLite: it stands still in the middle of a transaction. Nobody can write, and it may go on.
            return {}
        until(lambda: not any(s in ("queued", "in_flight") for s in self._states(held)), PATIENCE_SECONDS)
        return held

    def _judge(self, held: dict[int, tuple[int, str]], before: dict[int, tuple[Any, ...]], woken: float) -> None:
        addresses = {address for _, address in held.values()}
        self.late_mails += sum(moment > woken and address in addresses for moment, address in self.mine.arrivals)
        self.mine.arrivals.clear()
        after = self._rows(held)
        taken = [one for one, (epoch, _) in held.items() if before[one][0] > epoch]
        self.late_writes += sum(before[one] != after[one] for one in taken)
        self.reclaimed += len(taken)
        self.held += len(held)
        self.stopped += bool(held)

    def _states(self, ids: Collection[int]) -> list[str]:
        return [row[1] for row in self._rows(ids).values()]

    def _rows(self, ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
        return {row.id: tuple(row[1:]) for row in self._read(ROWS, ids=sorted(ids))}

    def _read(self, query: Any, **values: Any) -> list[Any]:
        with reading():  # A sender may stand still with SQLite's write lock.
            found = list(db.session.execute(query, values))
        db.session.rollback()
        return found


def main() -> bool:
    """Run a trial on each database, print a JSON line each, and return whether nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [trial(kind, place, asked.rounds) for kind in asked.databases]
    return all(kept)


def trial(kind: str, place: Path, rounds: int) -> bool:
    """Run one trial, let the mailing finish, and print what became of it."""
    with (
        TimedSink(ANSWER_SECONDS) as mine,
        CountingSink(ANSWER_SECONDS) as other,
        stage.installation(kind, place, mine.port, LEASE_SECONDS=str(LEASE_SECONDS)) as installation,
    ):
        message_id = stage.queue_mailing(rounds * RECIPIENTS_A_ROUND, kilobytes=3, on_uncertain="hold").id
        db.session.commit()
        with Nursery(installation.environment) as nursery:
            run = Trial(installation, mine, other, nursery)
            run.run(rounds)
        found = finish(installation, message_id, mine, other)
    numbers = ("stopped", "held", "reclaimed", "late_mails", "late_writes")
    stage.tell(bench="zombies", database=kind, **{name: getattr(run, name) for name in numbers}, **found)
    return not (run.late_mails or run.late_writes or found["lost"] or found["duplicates"]) and run.reclaimed > 0


def finish(
    installation: stage.Installation, message_id: int, mine: CountingSink, other: CountingSink
) -> dict[str, object]:
    """Send the rest, and count what both servers got."""
    mine.delay = other.delay = 0
    installation.start("worker", "--until-idle", **QUIET).wait(PATIENCE_SECONDS * 5)
    mine.copies.update(other.copies)
    mine.accepted += other.accepted
    return judge(message_id, mine)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
