"""Does anybody get mail that was claimed after their unsubscribe had committed? Ten thousand races with senders.

Each race unsubscribes somebody whose copy is about to be claimed, and notes, still inside that transaction, how often
the copy has been claimed (its epoch). Claims wait for that transaction's end, or have committed before it looked. So no
clock is needed: who was never claimed by then must get nothing, and no later claim may end in anything but suppressed.

    python -m bench.unsubscribe_races [--races 10000] [--databases sqlite postgresql]
"""

import argparse
import random
import sys
import time
from pathlib import Path

from sqlalchemy import bindparam, text

from bench import stage
from bench.counting_sink import CountingSink
from bench.kill_trial import QUIET, until
from crm.delivery import suppression
from crm.extensions import db

ANSWER_SECONDS = 0.02
RECIPIENTS_A_RACE = 8
TRIES_A_RACE = 10  # The same person may be picked twice, which is no new race.
BEHIND, AHEAD = 20, 60  # Where somebody is picked, seen from the newest claim.
PATIENCE_SECONDS = 300
FRONTIER = text("SELECT max(id) FROM delivery WHERE state = 'in_flight'")
COPY = text("SELECT id, epoch, state FROM delivery WHERE address = :address AND message_id = :message_id")
FINALLY = text("SELECT id, epoch, state FROM delivery WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))


def main() -> bool:
    """Run the races on each database, print a JSON line each, and return whether nobody got what they should not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=10_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [trial(kind, place, asked.races) for kind in asked.databases]
    return all(kept)


def trial(kind: str, place: Path, races: int) -> bool:
    """Run so many races during one mailing."""
    with CountingSink(ANSWER_SECONDS) as sink, stage.installation(kind, place, sink.port) as installation:
        recipients = races * RECIPIENTS_A_RACE
        message_id = stage.queue_mailing(recipients, kilobytes=3).id
        db.session.commit()
        worker = installation.start("worker", "--processes", "2", **QUIET)
        until(lambda: sink.accepted > 0, PATIENCE_SECONDS)
        started = time.monotonic()
        seen = _race(message_id, recipients, races)
        seconds = time.monotonic() - started
        time.sleep(1.0)  # What was claimed before goes out within a second.
        worker.terminate()
        worker.wait(60)
        after = _finally(seen)
        late = sum(after[one][0] > epoch and after[one][1] != "suppressed" for one, (epoch, _, _) in seen.items())
        mailed = sum(epoch == 0 and sink.copies[address] > 0 for epoch, _, address in seen.values())
        told = {
            "bench": "unsubscribe races",
            "database": kind,
            "races": len(seen),
            "before_any_claim": sum(epoch == 0 for epoch, _, _ in seen.values()),
            "in_flight_already": sum(state == "in_flight" for _, state, _ in seen.values()),
            "sent_already": sum(state == "sent" for _, state, _ in seen.values()),
            "claimed_after_unsubscribing": late,
            "mailed_without_a_claim_before": mailed,
            "milliseconds_a_race": round(seconds * 1000 / races, 1),
        }
    stage.tell(**told)
    return not late and not mailed and len(seen) == races and told["before_any_claim"] > 0


def _race(message_id: int, recipients: int, races: int) -> dict[int, tuple[int, str, str]]:
    """Unsubscribe people around the newest claim; return of each copy its epoch and state then, and its address."""
    chance, newest, seen = random.Random(20261123), 1, {}
    for _ in range(races * TRIES_A_RACE):
        if len(seen) == races:
            break
        newest = db.session.scalar(FRONTIER) or newest
        db.session.rollback()
        number = min(recipients, max(1, newest + chance.randint(-BEHIND, AHEAD)))
        address = f"person{number}@mail.example"
        suppression.suppress(address, "unsubscribed", "action-alerts")
        copy = db.session.execute(COPY, {"address": address, "message_id": message_id}).one()
        db.session.commit()
        seen.setdefault(copy.id, (copy.epoch, copy.state, address))
    return seen


def _finally(seen: dict[int, tuple[int, str, str]]) -> dict[int, tuple[int, str]]:
    found: dict[int, tuple[int, str]] = {}
    ids = sorted(seen)
    for start in range(0, len(ids), 5000):
        rows = db.session.execute(FINALLY, {"ids": ids[start : start + 5000]})
        found |= {row.id: (row.epoch, row.state) for row in rows}
    db.session.rollback()
    return found


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
