"""How fast are old copies counted and deleted, how long is the longest transaction, and what costs a run for nothing?

python -m bench.pruning [--old 1000000] [--young 200000] [--held 100000] [--databases sqlite postgresql]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, bindparam, event, func, insert, select, text, update

from bench import stage
from crm.base import clock, database, garbage
from crm.base.columns import UtcDateTime
from crm.delivery import outbox, pruning
from crm.delivery.models import Delivery, PruningWalk
from crm.extensions import db

LONGEST_MS = {"sqlite": 100.0, "postgresql": 1000.0}
LEAST_A_SECOND = 5_000
MOST_IDLE_MS = 20.0
STEP = 10_000
# One copy in 100 came back, full or busy.
BOUNCES = text("""
    INSERT INTO bounce (created_at, digest, number, source, kind, status, recipient, attribution, effect, delivery_id,
                        message_id, address_hash, moment, diagnostic, text)
    SELECT :now, uuid || uuid, 0, 'mail', 'soft', '4.2.2', '', 'verp', 'counted', id,
           message_id, uuid || uuid, :now, '', ''
    FROM delivery WHERE message_id = :id AND id % 100 = 0
""").bindparams(bindparam("now", type_=UtcDateTime()))
OLD, YOUNG = timedelta(days=400), timedelta(days=100)


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", type=int, default=1_000_000)
    parser.add_argument("--young", type=int, default=200_000)
    parser.add_argument("--held", type=int, default=100_000, help="that wait in an old mailing which is paused")
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.old, asked.young, asked.held) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, old: int, young: int, held: int) -> bool:
    """Fill a ledger, prune it run by run as the timetable does, and look at what is left."""
    with stage.installation(kind, place, 1):
        messages = _fill(old, young, held)
        before = [outbox.counts(message_id) for message_id in messages]
        db.session.commit()
        garbage.leave_out_what_is_loaded()  # As every `crm` command does.
        with deletions(db.engine) as lengths:
            deleted, runs, seconds, longest = _prune()
        same = [outbox.counts(message_id) for message_id in messages] == before
        left = db.session.scalar(select(func.count()).select_from(Delivery)) or 0
        db.session.commit()
        idle, walk = _idle(), _walk()
        found: dict[str, Any] = {
            "bench": "pruning",
            "database": kind,
            "old": old,
            "young": young,
            "held": held,
            "deleted": deleted,
            "left": left,
            "counts_equal": same,
            "a_second": round(deleted / seconds),
            "runs": runs,
            "longest_run_seconds": round(longest, 2),
            "transactions": len(lengths),
            "longest_transaction_ms": round(max(lengths) * 1000, 1),
            "median_transaction_ms": round(sorted(lengths)[len(lengths) // 2] * 1000, 1),
            "idle_run_ms": round(idle * 1000, 2),
            "daily_walk_for_nothing_ms": round(walk * 1000, 1),
        }
    stage.tell(**found)
    right = same and (deleted, left) == (old, young + held)
    fast = found["a_second"] >= LEAST_A_SECOND and idle * 1000 <= MOST_IDLE_MS
    return right and fast and found["longest_transaction_ms"] <= LONGEST_MS[kind]


@contextmanager
def deletions(engine: Engine) -> Iterator[list[float]]:
    """Collect how many seconds each transaction takes that deletes copies, from its begin to the end of its commit."""
    lengths: list[float] = []
    begun = {"at": 0.0, "deletes": False}
    original = engine.dialect.do_commit

    def begin(_: Any) -> None:
        begun.update(at=time.monotonic(), deletes=False)

    def statement(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        begun["deletes"] = begun["deletes"] or sql.startswith("DELETE FROM delivery")

    def commit(connection: Any) -> None:
        original(connection)
        if begun["deletes"]:
            lengths.append(time.monotonic() - begun["at"])

    engine.dialect.do_commit = commit  # type: ignore[method-assign]
    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield lengths
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "before_cursor_execute", statement)
        engine.dialect.do_commit = original  # type: ignore[method-assign]


def _prune() -> tuple[int, int, float, float]:
    """Return how many were deleted, in how many runs, in how many seconds, and the seconds of the longest run."""
    lengths: list[float] = []
    deleted = 0
    while not lengths or not _walk_is_over():
        started = time.monotonic()
        deleted += pruning.prune_some()
        lengths.append(time.monotonic() - started)
        database.checkpoint(db.engine)
    return deleted, len(lengths), sum(lengths), max(lengths)


def _walk_is_over() -> bool:
    over = db.session.get_one(PruningWalk, 1).ended_at is not None
    db.session.commit()
    return over


def _idle() -> float:
    """Return the median of the seconds that a run takes while no walk is due."""
    lengths = []
    for _ in range(51):
        started = time.monotonic()
        pruning.prune_some()
        lengths.append(time.monotonic() - started)
    return sorted(lengths)[25]


def _walk() -> float:
    """Return the seconds of a whole walk that finds nothing to delete, past what is held."""
    db.session.execute(update(PruningWalk).values(ended_at=clock.now() - OLD))
    db.session.commit()
    return _prune()[2]


def _fill(old: int, young: int, held: int) -> list[int]:
    """Write the copies of a paused old mailing, of ten old ones that were sent, and of two young ones."""
    plan = [(OLD, "queued", held), *[(OLD, "sent", old // 10)] * 9, (OLD, "sent", old - old // 10 * 9)]
    plan += [(YOUNG, "sent", young // 2), (YOUNG, "sent", young - young // 2)]
    messages = [_message(age, state, number) for age, state, number in plan]
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return messages


def _message(age: timedelta, state: str, number: int) -> int:
    moment = clock.now() - age
    message = outbox.write(
        "Hello", "<p>Hello</p>", "Hello", sender="News <news@bridgeway.example>", kind="bulk", list_id="action-alerts"
    )
    message.created_at, message.state = moment, "paused" if state == "queued" else "open"
    message_id = message.id
    for start in range(0, number, STEP):
        numbers = range(start, min(start + STEP, number))
        db.session.execute(insert(Delivery), [_copy(message_id, n, state, moment) for n in numbers])
        db.session.commit()
        database.checkpoint(db.engine)
    db.session.execute(BOUNCES, {"id": message_id, "now": moment})
    db.session.commit()
    return message_id


def _copy(message_id: int, number: int, state: str, moment: Any) -> dict[str, Any]:
    # Addresses are scattered: the order of ids is not the order of the alphabet. One in 50 was refused.
    final = "failed" if state == "sent" and number % 50 == 0 else state
    return {
        "message_id": message_id,
        "address": f"{number * 2654435761 % 2**32:08x}.{number}@mail.example",
        "uuid": f"{message_id:08}{number:024}",
        "contact_id": number + 1,
        "merge": {"first_name": "Amina"},
        "state": final,
        "next_attempt_at": moment,
        "first_tried_at": moment if final == "failed" else None,
        "smtp_code": 250,
        "smtp_reply": "2.0.0 Ok: queued as 4C2F81A0",
        "sent_at": moment if final == "sent" else None,
    }


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
