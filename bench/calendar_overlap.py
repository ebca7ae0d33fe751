"""How long does it take to tell who gets two mailings on one day, among 100,000 contacts, and is the count exact?

Eight mailings go in the week, three of them on the same day; to topics, segments, with exclusions, and one was sent
already. A digest comes on that day, and a sequence of five steps has every tenth contact on its way; two of its steps
were sent to others in that week, one of them that day. What is counted is compared with the sets, intersected one by
one. A JSON line for each database.

    python -m bench.calendar_overlap [--contacts 100000] [--times 5] [--databases sqlite postgresql]
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import Select, func, insert, or_, select, text

from bench import population, stage
from crm.base import clock, database
from crm.contacts.models import Contact, Segment, Subscription, Topic
from crm.delivery import freezing, outbox
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import audience, texts
from crm.mailings.calendar import overlaps
from crm.mailings.digests import making
from crm.mailings.digests.models import Digest
from crm.mailings.models import Mailing, MailingMessage
from crm.mailings.sequences import reaching
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep

GOAL_MS = 1500.0
TOPICS = {"action-alerts": 1, "research": 2, "webinars": 5}
"""Every which contact is subscribed to the topic."""
DAY = datetime(2027, 6, 16, 13, tzinfo=UTC)  # A Wednesday.


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.contacts, asked.times) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, contacts: int, times: int) -> bool:
    """Fill a database, look at the overlap again and again, and tell how long it took and whether it was right."""
    with stage.installation(kind, place, stage.free_port()):
        population.fill(population.Sizes(contacts, 500, 0, 0, 0, 0))
        topics = _subscribe(contacts)
        mailing, others = _mailings(topics)
        _send(others[-1])
        _analyze()
        lengths, cpu = [], []
        for _ in range(times + 1):
            begun, used = time.monotonic(), time.process_time()
            with time_machine.travel(DAY), database.looking():
                found = overlaps.look(db.session.get_one(Mailing, mailing), DAY.date(), "UTC")
            lengths.append((time.monotonic() - begun) * 1000)
            cpu.append((time.process_time() - used) * 1000)
        counted = {other.key: other.both for other in found.others}
        with time_machine.travel(DAY):
            right = counted == _by_sets(mailing, list(counted))
        facts = {"recipients": found.recipients, "mailings": found.mailings, "overlapping": len(found.others)}
        facts |= {"average": round(found.average, 2), "busiest": found.busiest, "exact": right}
        facts |= {"first_ms": round(lengths[0]), "median_ms": round(statistics.median(lengths[1:]))}
        slowest = round(max(lengths[1:]))
        facts |= {"slowest_ms": slowest, "own_cpu_ms": round(statistics.median(cpu[1:]))}  # Of SQLite, which is in it.
        stage.tell(bench="calendar_overlap", database=kind, contacts=contacts, **facts)
        return right and slowest <= GOAL_MS


def _subscribe(contacts: int) -> dict[str, int]:
    """Subscribe every contact to the first topic, every second to the next, every fifth to the last."""
    ids = {}
    for slug, every in TOPICS.items():
        topic = Topic(slug=slug, names={"en": slug}, descriptions={}, default=every == 1)
        db.session.add(topic)
        db.session.flush()
        ids[slug] = topic.id
        for first in range(1, contacts + 1, population.STEP):
            numbers = range(first, min(first + population.STEP, contacts + 1))
            named = {"topic_id": topic.id, "state": "active", "since": clock.now()}
            db.session.execute(insert(Subscription), [named | {"contact_id": n} for n in numbers if n % every == 0])
        db.session.commit()
    return ids


def _mailings(topics: dict[str, int]) -> tuple[int, list[int]]:
    """Return the mailing that is looked at, to everybody, and the others of its week; the last was sent."""
    item = {"field": "state", "test": "is", "value": "OH"}
    segment = Segment(name="Ohio", definition={"op": "and", "not": False, "items": [item]})
    db.session.add(segment)
    db.session.flush()
    topic, research, webinars = topics.values()
    people: dict[str, Any] = {"people": "topic", "segment": None}
    looked_at = _mailing("call_to_action", topic, people | {"without_segments": [segment.id]}, DAY, "draft")
    weeks = [
        _mailing("newsletter", research, people, DAY),
        _mailing("call_to_action", topic, people | {"segment": segment.id}, DAY + timedelta(hours=2)),
        _mailing("sharing_tools", topic, people | {"without_topics": [webinars]}, DAY + timedelta(hours=4)),
        *(_mailing("newsletter", topic, people, DAY + timedelta(days=days)) for days in (-2, -1, 1)),
        _mailing("newsletter", research, people | {"people": "all"}, DAY + timedelta(days=2)),
        _mailing("newsletter", topic, people, DAY - timedelta(days=3), "finished"),
    ]
    digest = {"rhythm": "weekly", "weekday": DAY.weekday(), "minute": 720, "zone": "UTC", "live_since": clock.now()}
    words = {"name": "Weekly", "subjects": {"en": "Weekly"}, "intros": {}, "state": "live", "topic_id": topic}
    db.session.add(Digest(**digest, **words))
    _sequence(topic)
    db.session.commit()
    return looked_at.id, [one.id for one in weeks]


def _sequence(topic_id: int) -> None:
    """Let every tenth contact be on the way: those of each step get it on the day that is looked at.

    As many others each got the first step that day, and the second two days before.
    """
    named = {"name": "Welcome", "trigger": "confirmed", "state": "live", "topic_id": topic_id}
    sequence = Sequence(**named, live_since=clock.now())
    mailings = [_mailing("newsletter", topic_id, {}, None, "draft") for _ in range(5)]
    sequence.steps = [
        SequenceStep(number=number, days=9, minute=540, sent_version=1, mailing=mailing)
        for number, mailing in enumerate(mailings, 1)
    ]
    db.session.add(sequence)
    db.session.flush()
    people = db.session.scalars(select(Contact.id).where(Contact.id % 10 == 0)).all()
    run = {"sequence_id": sequence.id, "state": "running", "due_at": DAY, "entered_at": DAY, "changed_at": DAY}
    rows = [run | {"contact_id": one, "step_id": sequence.steps[place % 5].id} for place, one in enumerate(people)]
    db.session.execute(insert(SequenceRun), rows)
    for place, at in enumerate((DAY - timedelta(hours=4), DAY - timedelta(days=2))):
        _send_step(sequence.steps[place], place + 1, at)


def _send_step(step: SequenceStep, rest: int, at: datetime) -> None:
    """Give every tenth contact, counted from that one, a copy of the step."""
    message = outbox.write("Step", "<p>Step</p>", "Step", sender="Bridgeway <news@bridgeway.example>", kind="bulk")
    step.mailing.messages = [MailingMessage(message_id=message.id, language="en", variant="v1")]
    people = db.session.execute(select(Contact.id, Contact.email).where(Contact.id % 10 == rest))
    copy = {"message_id": message.id, "occasion": f"step:{step.id}", "state": "sent", "sent_at": at}
    copy["next_attempt_at"] = at
    rows = [copy | {"contact_id": one, "address": email, "uuid": f"{rest:08x}{one:024x}"} for one, email in people]
    db.session.execute(insert(Delivery), rows)


def _mailing(
    kind: str, topic_id: int, people: dict[str, Any], at: datetime | None, state: str = "scheduled"
) -> Mailing:
    mailing = Mailing(kind=kind, subject=f"{kind} at {at}", topic_id=topic_id, audience=people, state=state, zone="UTC")
    mailing.scheduled_at = at
    db.session.add(mailing)
    db.session.flush()
    return mailing


def _send(mailing_id: int) -> None:
    """Give everybody a copy of the mailing that was sent."""
    mailing = db.session.get_one(Mailing, mailing_id)
    message = outbox.write("Sent", "<p>Sent</p>", "Sent", sender="Bridgeway <news@bridgeway.example>", kind="bulk")
    mailing.messages = [MailingMessage(message_id=message.id, language="en", variant="")]
    mailing.frozen_at = clock.now()
    db.session.commit()
    freezing.queue_audience(message, audience.select_copies(mailing, texts.reads(mailing, mailing), set()))
    db.session.commit()


def _by_sets(mailing_id: int, others: list[str]) -> dict[str, int]:
    with database.looking():
        people = _recipients(mailing_id)
        both = {}
        for key in others:
            one = people.intersect(_people(key)).subquery()
            both[key] = db.session.scalar(select(func.count()).select_from(one)) or 0
        return both


def _people(key: str) -> Select[int]:
    """Return the ids of whom a mailing, the digest or a step (by its number) of the sequence goes to that day."""
    if key.startswith("digest"):
        return select(Contact.id).where(audience.reaches(making.as_mailing(db.session.scalars(select(Digest)).one())))
    if key.startswith("step"):
        step = db.session.get_one(SequenceStep, int(key.removeprefix("step")))
        waits = select(SequenceRun.contact_id).where(SequenceRun.step_id == step.id)
        today = Delivery.sent_at.between(DAY - timedelta(hours=13), DAY + timedelta(hours=11))
        got = select(Delivery.contact_id).where(Delivery.occasion == f"step:{step.id}", today)
        return select(Contact.id).where(or_(Contact.id.in_(got), Contact.id.in_(waits) & reaching.gets(step)))
    return _recipients(int(key))


def _recipients(mailing_id: int) -> Select[int]:
    return select(Contact.id).where(audience.reaches(db.session.get_one(Mailing, mailing_id)))


def _analyze() -> None:
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
