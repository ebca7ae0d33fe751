"""How long does it take to queue a copy for each of a million recipients, and how long is the longest transaction?

python -m bench.fan_out [--recipients 1000000] [--databases sqlite postgresql]
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, insert, select

from bench import stage
from crm.base import database
from crm.delivery import freezing
from crm.extensions import db

GOALS = {"sqlite": 60.0, "postgresql": 30.0}  # seconds for a million
LONGEST_MS = {"sqlite": 100.0, "postgresql": 1000.0}
MOST_MEGABYTES = 200
STEP = 10_000


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.recipients) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, recipients: int) -> bool:
    """Queue a mailing for so many, twice: the second time nothing is new."""
    with stage.installation(kind, place, 1):
        message = stage.queue_mailing(0)
        _fill(recipients)
        audience = select(
            stage.people.c.email, stage.people.c.id, freezing.merge_values("first_name", stage.people.c.email)
        )
        with transactions(db.engine) as lengths:
            started = time.monotonic()
            new = freezing.queue_audience(message, audience)
            seconds = time.monotonic() - started
        started = time.monotonic()
        again = freezing.queue_audience(message, audience)
        found = {
            "bench": "fan-out",
            "database": kind,
            "recipients": recipients,
            "queued": new,
            "queued_again": again,
            "seconds": round(seconds, 1),
            "goal_seconds": round(GOALS[kind] * recipients / 1_000_000, 1),
            "seconds_again": round(time.monotonic() - started, 1),
            "transactions": len(lengths),
            "longest_transaction_ms": round(max(lengths) * 1000, 1),
            "median_transaction_ms": round(sorted(lengths)[len(lengths) // 2] * 1000, 1),
            "peak_megabytes": round(stage.peak_megabytes(os.getpid()), 1),
        }
    stage.tell(**found)
    in_time = seconds <= GOALS[kind] * max(recipients, 50_000) / 1_000_000
    return (
        in_time
        and (new, again) == (recipients, 0)
        and max(lengths) * 1000 <= LONGEST_MS[kind]
        and found["peak_megabytes"] <= MOST_MEGABYTES
    )


@contextmanager
def transactions(engine: Engine) -> Iterator[list[float]]:
    """Collect how many seconds each transaction takes that queues copies, its commit included."""
    lengths: list[float] = []
    started: list[float] = []
    original = engine.dialect.do_commit

    def commit(connection: Any) -> None:
        original(connection)
        if started:
            lengths.append(time.monotonic() - started.pop())

    def statement(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith("INSERT INTO delivery") and not started:
            started.append(time.monotonic())

    engine.dialect.do_commit = commit  # type: ignore[method-assign]
    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield lengths
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        engine.dialect.do_commit = original  # type: ignore[method-assign]


def _fill(recipients: int) -> None:
    for start in range(1, recipients + 1, STEP):
        numbers = range(start, min(start + STEP, recipients + 1))
        # Scattered, as addresses are: the order of ids is not the order of the alphabet.
        rows = [{"id": n, "email": f"{n * 2654435761 % 2**32:08x}.{n}@mail.example"} for n in numbers]
        db.session.execute(insert(stage.people), rows)
        db.session.commit()
        database.checkpoint(db.engine)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
