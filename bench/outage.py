"""What becomes of a mailing whose relay is away for ten minutes in the middle of it?

Nothing may fail or get lost, and sending goes on within 30 seconds of the relay's return.

    python -m bench.outage [--away 600] [--recipients 20000] [--databases sqlite postgresql]
"""

import argparse
import sys
import time
from pathlib import Path

from sqlalchemy import select

from bench import kill_trial, stage
from bench.counting_sink import CountingSink
from crm.delivery import outbox
from crm.delivery.models import Delivery
from crm.extensions import db

ANSWER_SECONDS = 0.01
BACK_WITHIN = 30
BEFORE = 4  # It goes away once one in so many has arrived.
PATIENCE_SECONDS = 600


def main() -> bool:
    """Run a trial on each database, print a JSON line each, and return whether the bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--away", type=float, default=600, help="seconds")
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [_trial(kind, place, asked.away, asked.recipients) for kind in asked.databases]
    return all(kept)


def _trial(kind: str, place: Path, away: float, recipients: int) -> bool:
    with CountingSink(ANSWER_SECONDS) as sink, stage.installation(kind, place, sink.port) as installation:
        message_id = stage.queue_mailing(recipients, kilobytes=3).id
        db.session.commit()
        installation.start("worker", **kill_trial.QUIET)
        _await(sink, recipients // BEFORE)
        sink.go_away()
        before = sink.accepted
        time.sleep(away)
        sink.come_back()
        returned = time.monotonic()
        _await(sink, before + 1)
        back = time.monotonic() - returned
        finished = kill_trial.until(lambda: _finished(message_id), PATIENCE_SECONDS)
        counts = outbox.counts(message_id)
        addresses = set(db.session.scalars(select(Delivery.address).where(Delivery.message_id == message_id)))
        db.session.commit()
    lost = len(addresses - set(sink.copies))
    told = {"failed": counts["failed"], "lost": lost, "sent": counts["sent"], "arrived_before": before}
    told |= {"doubled": sum(n - 1 for n in sink.copies.values()), "seconds_to_first_mail": round(back, 1)}
    kept = finished and counts["sent"] == recipients and not lost and not counts["failed"] and back <= BACK_WITHIN
    stage.tell(bench="outage", database=kind, recipients=recipients, away_seconds=away, **told, kept=kept)
    return kept


def _await(sink: CountingSink, goal: int) -> None:
    if not kill_trial.until(lambda: sink.accepted >= goal, PATIENCE_SECONDS):
        raise SystemExit(f"no progress: {sink.accepted} accepted of {goal}")


def _finished(message_id: int) -> bool:
    time.sleep(0.2)
    done = outbox.finished(message_id)
    db.session.commit()
    return done


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
