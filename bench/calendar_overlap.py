"""How long does it take to tell who gets two mailings on one day, among 100,000 contacts, and is the count exact?

Eight mailings go in the week, three of them on the same day; to topics, segments, with exclusions, and one was sent
already. What is counted is compared with the sets, intersected one by one. A JSON line for each database.

    python -m bench.calendar_overlap [--contacts 100000] [--times 5] [--databases sqlite postgresql]
"""

import argparse
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, insert, select, text

from bench import population, stage
from crm.base import clock, database
from crm.contacts.models import Contact, Segment, Subscription, Topic
from crm.delivery import freezing, outbox
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.calendar import overlaps
from crm.mailings.models import Mailing, MailingMessage

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
            with database.looking():
                found = overlaps.look(db.session.get_one(Mailing, mailing), DAY.date(), "UTC")
            lengths.append((time.monotonic() - begun) * 1000)
            cpu.append((time.process_time() - used) * 1000)
        right = {int(other.key): other.both for other in found.others} == _by_sets(
            mailing, [int(other.key) for other in found.others]
        )
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
    db.session.commit()
    return looked_at.id, [one.id for one in weeks]


def _mailing(kind: str, topic_id: int, people: dict[str, Any], at: datetime, state: str = "scheduled") -> Mailing:
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
    freezing.queue_audience(message, audience.select_copies(mailing, mailing, set()))
    db.session.commit()


def _by_sets(mailing_id: int, others: list[int]) -> dict[int, int]:
    with database.looking():
        people = _recipients(mailing_id)
        both = {}
        for number in others:
            one = people.intersect(_recipients(number)).subquery()
            both[number] = db.session.scalar(select(func.count()).select_from(one)) or 0
        return both


def _recipients(mailing_id: int) -> Select[int]:
    return select(Contact.id).where(audience.reaches(db.session.get_one(Mailing, mailing_id)))


def _analyze() -> None:
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
