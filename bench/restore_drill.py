"""Is a backup that is made in the middle of a mailing restored without a copy going twice by itself, or getting lost?

While a mailing is being sent, another process makes a backup, and a writer looks how long it waits for its commits. The
first machine is then lost. The backup is restored into an empty database, where a worker runs: it may send nothing.
Staff confirm; then everything must go out that had not been sent when the backup was made.

    python -m bench.restore_drill [--recipients 20000] [--databases sqlite postgresql]
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select

from bench import kill_trial, stage
from bench.counting_sink import CountingSink
from crm.base import clock, limits, wall_clock
from crm.contacts.models import Contact, Subscription, Topic
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from tests import factories
from tests.mailings.makers import make_mailing

ANSWER_SECONDS = 0.01
BEFORE = 3  # The backup begins once one in so many has arrived.
PATIENCE_SECONDS = 900
WRITE_EVERY = 0.005  # seconds
WATCH_SECONDS = 3


class Writer:
    """Writes and commits a row again and again, as a visitor would, and notes how many seconds each took."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.waits: list[float] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def longest_ms(self) -> int:
        return round(1000 * max(self.waits))

    def _run(self) -> None:
        with self.app.app_context():
            while not self._done.wait(WRITE_EVERY):
                began = time.monotonic()
                limits.count("drill", timedelta(days=1))
                db.session.commit()
                self.waits.append(time.monotonic() - began)


def main() -> bool:
    """Run the drill on each database, print a JSON line each, and return whether the bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [_drill(kind, place, asked.recipients) for kind in asked.databases]
    return all(kept)


def _drill(kind: str, place: Path, recipients: int) -> bool:
    with CountingSink(ANSWER_SECONDS) as first, CountingSink() as second:
        told, file = _lose_a_machine(kind, place, first, recipients)
        with stage.installation(kind, place, second.port) as copy:
            told |= _come_back(copy, second, file)
    people = {f"person{number}@mail.example" for number in range(recipients)}
    told["lost_after_confirmation"] = len(people - set(first.copies) - set(second.copies))
    told["unsent_after_confirmation"] = recipients - told["sent_at_backup"] - len(second.copies)
    told["went_twice_because_confirmed"] = len(set(first.copies) & set(second.copies))
    nothing = (
        "sent_before_confirmation",
        "lost_after_confirmation",
        "unsent_after_confirmation",
        "copies_doubled_here",
    )
    kept = told["queued_at_backup"] > 0 and not any(told[name] for name in nothing)  # Else it was no drill.
    stage.tell(bench="restore drill", database=kind, recipients=recipients, **told, kept=kept)
    return kept


def _lose_a_machine(kind: str, place: Path, sink: CountingSink, recipients: int) -> tuple[dict[str, Any], Path]:
    """Back up in the middle of a mailing, and lose the machine a moment later; return the figures and the file."""
    with stage.installation(kind, place, sink.port) as installation:
        _begin_mailing(recipients)
        installation.start("worker", **kill_trial.QUIET)
        _await(lambda: sink.accepted >= recipients // BEFORE)
        with Writer(installation.app) as usual:
            time.sleep(WATCH_SECONDS)
        began = time.monotonic()
        with Writer(installation.app) as meanwhile:
            words = ("backup", "create", "--json", "--to", str(place / "backups"))
            made = json.loads(installation.start(*words, stdout=subprocess.PIPE).communicate()[0])
        told = {
            "command_seconds": round(time.monotonic() - began, 1),
            "backup_seconds": made["seconds"],
            "file_mb": round(made["size"] / 1e6, 1),
            "rows": made["rows"],
            "longest_write_ms_before": usual.longest_ms,
            "longest_write_ms_during": meanwhile.longest_ms,
        }
        installation.end()
    return told, Path(made["file"])


def _begin_mailing(recipients: int) -> None:
    factories.make_coalition()
    topic = db.session.scalars(select(Topic).where(Topic.default)).one()
    names = [f"person{number}" for number in range(recipients)]
    people = [
        {"email": f"{name}@mail.example", "first_name": name, "last_name": "", "share_code": name} for name in names
    ]
    db.session.execute(insert(Contact), people)
    ids = db.session.scalars(select(Contact.id)).all()
    active = {"topic_id": topic.id, "state": "active", "since": clock.now()}
    db.session.execute(insert(Subscription), [{"contact_id": number, **active} for number in ids])
    mailing = make_mailing(on_uncertain="hold")
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()


def _come_back(copy: stage.Installation, sink: CountingSink, file: Path) -> dict[str, Any]:
    """Restore, let a worker run, confirm as staff do, and let it run again; return the figures."""
    began = time.monotonic()
    assert copy.start("backup", "restore", str(file), **kill_trial.QUIET).wait() == 0
    told: dict[str, Any] = {"restore_seconds": round(time.monotonic() - began, 1)}
    told |= {f"{state}_at_backup": number for state, number in _states().items()}
    assert copy.start("worker", "--until-idle", **kill_trial.QUIET).wait() == 0
    told["sent_before_confirmation"] = sink.accepted
    mailing = db.session.scalars(select(Mailing)).one()
    scheduling.resume(mailing)
    scheduling.send_uncertain_again(mailing)
    db.session.commit()
    copy.start("worker", **kill_trial.QUIET)
    _await(lambda: _state(mailing.id) == "finished")
    told["sent_after_confirmation"] = sink.accepted
    told["copies_doubled_here"] = sink.accepted - len(sink.copies)
    return told


def _states() -> dict[str, int]:
    found = dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
    db.session.rollback()
    return {state: found.get(state, 0) for state in ("sent", "queued", "uncertain")}


def _state(mailing_id: int) -> str:
    time.sleep(0.2)
    state = db.session.scalar(select(Mailing.state).where(Mailing.id == mailing_id))
    db.session.rollback()
    return str(state)


def _await(condition: Callable[[], bool]) -> None:
    if not kill_trial.until(condition, PATIENCE_SECONDS):
        raise SystemExit("no progress")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
