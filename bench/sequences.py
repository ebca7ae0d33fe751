"""Does everyone get every step of a sequence once, in order and at the right hour, whatever is killed meanwhile?

Contacts of ten time zones confirm over ten days; five steps follow, at nine o'clock of their own time, over a change of
daylight saving. Time is simulated by a worker that is killed again and again at a moment nobody chose.

With --cap, a frequency cap puts steps off: nobody may get more than it allows, and all steps come.

    python -m bench.sequences [--contacts 10000] [--days 60] [--kills 100] [--databases sqlite postgresql]
                              [--cap MAILINGS DAYS]
"""

import argparse
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import insert, select, text, update

from bench import stage
from crm import create_app
from crm.config import ROOT
from crm.contacts.models import Contact, Subscription, Topic
from crm.contacts.topics import present_default
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.capping import rule
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.sequences import editing, living, running
from crm.mailings.sequences.models import Sequence, SequenceRun
from crm.organizations.models import Coalition

BEGIN = datetime(2026, 10, 12, 0, 30, tzinfo=UTC)  # Clocks go back on October 25 in Europe, on November 1 in America.
WAITS = [(0, None), (1, 540), (6, 540), (14, 540), (21, 540)]
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"]
ZONES += ["Europe/Madrid", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Honolulu", "Australia/Lord_Howe"]
TICK = timedelta(minutes=15)
CONFIRMING = 10 * 96  # ticks
LIFE_SECONDS = 3.0  # A worker is killed within this time of its first tick.
SEEN = "INSERT INTO bench_seen SELECT id, :now FROM delivery WHERE id > (SELECT coalesce(max(id), 0) FROM bench_seen)"


def main() -> bool:
    """Run it on each database, print a JSON line each, and return whether all was right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    parser.add_argument("--cap", type=int, nargs=2, metavar=("MAILINGS", "DAYS"))
    parser.add_argument("--live", type=Path, help=argparse.SUPPRESS)  # What a worker is started with.
    asked = parser.parse_args()
    if asked.live:
        return _live(asked.live, asked.days)
    with stage.folder() as place:
        kept = [_trial(kind, place, asked) for kind in asked.databases]
    return all(kept)


def _trial(kind: str, place: Path, asked: argparse.Namespace) -> bool:
    contacts, days, kills = asked.contacts, asked.days, asked.kills
    began = time.monotonic()
    with stage.installation(kind, place, stage.free_port()) as installation:
        with time_machine.travel(BEGIN, tick=False):
            _prepare(contacts, asked.cap)
        progress = place / f"{kind}.ticks"
        killed = _kill_and_start(installation, progress, days, kills)
        faults = _faults(asked.cap)
        done = db.session.query(SequenceRun).filter_by(state="done").count()
    kept = done == contacts and killed == kills and not any(faults.values())
    told = {"contacts": contacts, "steps": len(WAITS), "days": days, "cap": asked.cap, "killed": killed, "done": done}
    told |= faults
    stage.tell(bench="sequences", database=kind, **told, seconds=round(time.monotonic() - began), kept=kept)
    return kept


def _prepare(contacts: int, cap: list[int] | None) -> None:
    postal = "1 Main Street, Ann Arbor, MI 48104"
    db.session.add(
        Coalition(
            name="Bridgeway", sender_name="Bridgeway", sender_email="news@bridgeway.example", postal_address=postal
        )
    )
    topic = present_default() or db.session.scalars(select(Topic)).first()
    if topic is None:
        topic = Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, position=1)
        db.session.add(topic)
    db.session.flush()
    people = [{"email": f"p{n}@mail.example", "first_name": "Amina", "zone": ZONES[n % 10]} for n in range(contacts)]
    for person in people:
        db.session.add(Contact(**person))
    db.session.flush()
    ids = db.session.scalars(select(Contact.id))
    rows = [{"contact_id": one, "topic_id": topic.id, "state": "active", "since": BEGIN} for one in ids]
    db.session.execute(insert(Subscription), rows)
    sequence = Sequence(state="draft")
    values = {"name": "Welcome", "trigger": "confirmed", "trigger_value": "", "goal_id": None, "topic_id": topic.id}
    editing.save(sequence, values, 1)
    for days, minute in WAITS:
        step = editing.add_step(sequence, "bench")
        said = {"body": f"Step {step.number}", "preheader": "Hello", "markup": "markdown"}
        composing.save(step.mailing, said, version=1)
        editing.change_step(step, {"days": days, "minute": minute})
    living.start(sequence, sequence.version, living.unpublished(sequence))
    if cap:
        db.session.add(FrequencyCap(id=rule.ONLY, active=True, most=cap[0], days=cap[1], free_kinds=[]))
    db.session.execute(text("CREATE TABLE bench_seen (id BIGINT PRIMARY KEY, at TEXT NOT NULL)"))
    db.session.commit()


def _kill_and_start(installation: stage.Installation, progress: Path, days: int, kills: int) -> int:
    """Start workers one after the other, each but the last one killed; return how many were."""
    dice, killed = random.Random(7), 0
    command = [sys.executable, "-m", "bench.sequences", "--live", str(progress), "--days", str(days)]
    while True:
        worker = subprocess.Popen(command, cwd=ROOT, env=installation.environment, stdout=subprocess.PIPE)
        assert worker.stdout
        worker.stdout.readline()
        try:
            worker.wait(dice.uniform(0, LIFE_SECONDS) if killed < kills else None)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            killed += 1
            continue
        if worker.returncode:
            raise RuntimeError(f"a worker ended with {worker.returncode}")
        return killed


def _live(progress: Path, days: int) -> bool:
    """Be a worker: live on from the tick that was reached, as fast as it goes."""
    with create_app().app_context():
        done = int(progress.read_text() or 0) if progress.exists() else 0
        print("ready", flush=True)
        for tick in range(done, int(timedelta(days=days) / TICK)):
            with time_machine.travel(BEGIN + tick * TICK, tick=False):
                _live_through(tick)
            draft = progress.with_suffix(".draft")
            draft.write_text(str(tick + 1))
            draft.replace(progress)
    return True


def _live_through(tick: int) -> None:
    now = datetime.now(UTC)
    if tick < CONFIRMING:
        mine = (Contact.id % CONFIRMING == tick, Contact.confirmed_at.is_(None))
        db.session.execute(update(Contact).where(*mine).values(confirmed_at=now))
        db.session.commit()
    running.work()
    db.session.execute(text(SEEN), {"now": now.isoformat()})
    if rule.current():
        db.session.execute(update(Delivery).where(Delivery.state == "queued").values(state="sent", sent_at=now))
    db.session.commit()


def _faults(cap: list[int] | None) -> dict[str, int]:
    """Return how many copies came twice, were missing, out of order, at a wrong hour, or sooner than the cap allows."""
    seen = {
        number: datetime.fromisoformat(at) for number, at in db.session.execute(text("SELECT id, at FROM bench_seen"))
    }
    query = select(Delivery.id, Delivery.contact_id, Delivery.occasion, Contact.zone, Contact.confirmed_at)
    got = defaultdict(list)
    for number, contact, occasion, zone, confirmed in db.session.execute(
        query.join(Contact, Contact.id == Delivery.contact_id).order_by(Delivery.id)
    ):
        got[contact].append((int(occasion.split(":")[1]), seen[number], ZoneInfo(zone), confirmed))
    faults = Counter(twice=0, missing=0, out_of_order=0, wrong_hour=0, over_the_cap=0)
    for contact_id in db.session.scalars(select(Contact.id)):
        steps = [step for step, *_ in got[contact_id]]
        faults["twice"] += len(steps) - len(set(steps))
        faults["missing"] += len(WAITS) - len(set(steps))
        faults["out_of_order"] += steps != sorted(steps)
        faults["wrong_hour"] += _wrong_hours(got[contact_id], waits_for_cap=cap is not None)
        faults["over_the_cap"] += _over(cap, [at for _, at, *_ in got[contact_id]]) if cap else 0
    return dict(faults)


def _over(cap: list[int], moments: list[datetime]) -> int:
    most, days = cap
    return sum(later - first <= timedelta(days=days) for first, later in zip(moments, moments[most:], strict=False))


def _wrong_hours(copies: list[tuple[int, datetime, ZoneInfo, datetime]], *, waits_for_cap: bool) -> int:
    wrong, day = 0, date.min
    for (_, at, zone, confirmed), (days, minute) in zip(copies, WAITS, strict=False):
        there = at.astimezone(zone)
        if minute is None:
            wrong += not timedelta(0) <= at - confirmed <= TICK
        else:
            chosen = datetime(there.year, there.month, there.day, *divmod(minute, 60), tzinfo=zone)
            right_day = there.date() == day + timedelta(days=days)
            later = waits_for_cap and there.date() > day + timedelta(days=days)
            wrong += not (right_day or later) or not timedelta(0) <= at - chosen < TICK
        day = there.date()
    return wrong


if __name__ == "__main__":
    sys.exit(not main())
