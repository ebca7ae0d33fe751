"""How long does it take to count a segment among a million people, and to freeze an audience under a frequency cap?

python -m bench.segments [--contacts 1000000] [--databases sqlite postgresql] [--only TEXT]

People subscribe to one or two topics, have tags and sources, and got up to four mailings in the last months. Each
condition is counted three times; the second best counts, because the first one may find nothing in memory. Then a
mailing to all subscribers but a segment, a topic and those who got another mailing is frozen, at most 2 in 14 days.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import case, insert, literal, literal_column, select, text

from bench import population, stage
from crm.base import clock, database
from crm.base.columns import UtcDateTime
from crm.contacts import segments
from crm.contacts.models import ConsentRecord, Contact, Segment, Source, Subscription, Tag, Topic, contact_tag
from crm.delivery import outbox
from crm.delivery.freezing import new_uuid
from crm.delivery.models import Delivery, Suppression
from crm.extensions import db
from crm.mailings import audience, releasing
from crm.mailings.capping import deciding, outcomes
from crm.mailings.choosing.wanted import Wanted
from crm.mailings.models import Mailing, MailingMessage
from crm.mailings.waves import keeping

COUNT_GOALS = {"sqlite": 1.5, "postgresql": 0.5}  # seconds
FREEZE_GOAL = 60.0
TRIES = 3
TAGS, SOURCES = 20, 200
SENT = ((50, 2), (10, 3), (6, 2), (2, 5))
"""Mailings that went before: how many days ago, and that every n-th got it."""

Item = dict[str, Any]


def main() -> bool:
    """Measure on each database, print a JSON line each, and return whether all goals were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--databases", nargs="+", default=stage.KINDS, choices=stage.KINDS)
    parser.add_argument("--only", default="", help="only conditions with these words, and no freezing")
    asked = parser.parse_args()
    with stage.folder() as place:
        kept = [measure(kind, place, asked.contacts, asked.only) for kind in asked.databases]
    return all(kept)


def measure(kind: str, place: Path, contacts: int, only: str) -> bool:
    """Fill a database, count, freeze; return whether it was quick enough."""
    with stage.installation(kind, place, 1):
        started = time.monotonic()
        sent = fill(contacts)
        stage.tell(bench="segments", database=kind, contacts=contacts, filled_seconds=round(time.monotonic() - started))
        goal = COUNT_GOALS[kind] * max(contacts, 100_000) / 1_000_000
        chosen = {name: item for name, item in typical(sent).items() if only in name}
        quick = [count(kind, name, item, goal) for name, item in chosen.items()]
        return (bool(only) or freeze(kind, contacts, sent)) and all(quick)


def typical(sent: list[int]) -> dict[str, Item]:
    """Return the conditions by what they ask: ten that people use most, then those of the other rooms."""
    days = {"field": "confirmed", "test": "last_days", "value": "90"}
    tagged = {"field": "tag", "test": "is", "value": "Tag 5"}
    return {
        "state": _group({"field": "state", "test": "is", "value": "MI"}),
        "status": _group({"field": "status", "test": "is", "value": "active"}),
        "topic": _group({"field": "topic", "test": "is", "value": "research"}),
        "tag": _group(tagged),
        "source": _group({"field": "source_kind", "test": "is", "value": "member"}),
        "confirmed lately": _group(days),
        "organization contains": _group({"field": "organization", "test": "contains", "value": "company 12"}),
        "got a mailing": _group({"field": "got_mailing", "test": "is", "value": str(sent[1])}),
        "no mailing lately": _group({"field": "mailed", "test": "not_last_days", "value": "30"}),
        "and, or, not": _group(
            _group({"field": "state", "test": "is", "value": "MI"}, days, op="or"),
            {"field": "topic", "test": "is", "value": "action-alerts"},
            _group(tagged, {"field": "zip", "test": "starts", "value": "4"}, op="or", negate=True),
        ),
        "(more) shared": _group({"field": "brought", "test": "at_least", "value": "2"}),
        "(more) consent": _group({"field": "consent", "test": "older_days", "value": "365"}),
        "(more) mailings in 30 days": _group({"field": "mailings_lately", "test": "at_most", "value": "1"}),
        "(more) influencer's ask": _group({"field": "ask_due", "test": "next_days", "value": "30"}),
        "(more) number of topics": _group({"field": "topics", "test": "at_least", "value": "2"}),
    }


def count(kind: str, name: str, definition: Item, goal: float) -> bool:
    """Count one condition, and tell how long that took."""
    seconds = []
    for _ in range(TRIES):
        with database.looking():
            started = time.monotonic()
            found = segments.count(definition)
            seconds.append(time.monotonic() - started)
    stage.tell(
        bench="segments",
        database=kind,
        condition=name,
        found=found,
        ms=round(statistics.median(seconds) * 1000),
        best_ms=round(min(seconds) * 1000),
        goal_ms=round(goal * 1000),
    )
    return name.startswith("(more)") or statistics.median(seconds) <= goal


def freeze(kind: str, contacts: int, sent: list[int]) -> bool:
    """Count and freeze a mailing with exclusions and the cap, and tell how long each took."""
    mailing = _mailing(contacts, sent)
    cap = deciding.row()
    cap.active, cap.most, cap.days = True, 2, 14
    db.session.commit()
    with database.looking():
        started = time.monotonic()
        reach = audience.reach(db.session.get_one(Mailing, mailing))
        counted = time.monotonic() - started
    _release(mailing)
    started = time.monotonic()
    queued = releasing.freeze(mailing)
    seconds = time.monotonic() - started
    left_out = outcomes.of(db.session.get_one(Mailing, mailing))
    stage.tell(
        bench="segments",
        database=kind,
        freeze=queued,
        left_out_by_the_cap=left_out.left_out if left_out else None,
        seconds=round(seconds, 1),
        goal_seconds=FREEZE_GOAL,
        count_of_the_audience_ms=round(counted * 1000),
    )
    expected = reach.recipients + reach.blocked
    return seconds <= FREEZE_GOAL and queued == expected and left_out is not None and left_out.left_out == reach.capped


def fill(contacts: int) -> list[int]:
    """Write the people and what they did; return the ids of the mailings that they got. Commits."""
    db.session.add_all(
        [Topic(slug=slug, names={"en": slug}, descriptions={}) for slug in ("action-alerts", "research")]
    )
    db.session.add_all([Tag(name=f"Tag {number}") for number in range(TAGS)])
    db.session.add_all(Source(**facts) for facts in _sources())
    population.fill(population.Sizes(contacts, min(5_000, contacts), 5_000, 5_000, 100, 100))
    for first in range(1, contacts + 1, population.CHUNK):
        _follow(first, min(first + population.CHUNK - 1, contacts))
        db.session.commit()
        database.checkpoint(db.engine)
    sent = [_sent(contacts, days, every) for days, every in SENT]
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return sent


def _follow(first: int, last: int) -> None:
    """Write what belongs to the contacts of these ids: subscriptions, a tag, a source, consent, a few blocks."""
    here, state = Contact.id.between(first, last), "active"
    for topic_id, of in ((1, Contact.id > 0), (2, Contact.id % 3 == 0)):
        state = case((Contact.id % 50 == 7, "unsubscribed"), else_=literal("active"))
        _copy(Subscription, {"contact_id": Contact.id, "topic_id": literal(topic_id), "state": state}, here, of)
    tagged = select(Contact.id, Contact.id % TAGS + 1).where(here, Contact.id % 5 == 0)
    db.session.execute(insert(contact_tag).from_select(["contact_id", "tag_id"], tagged))
    db.session.execute(
        Contact.__table__.update().where(here).values(source_id=Contact.id % SOURCES + 1)  # type: ignore[attr-defined]
    )
    consent = {"contact_id": Contact.id, "address_hash": Contact.address_hash, "act": literal("given")}
    consent |= {"at": Contact.created_at, "purpose": literal("sign_up"), "topics": literal("action-alerts")}
    consent |= {"method": literal("double_opt_in"), "place": literal(""), "actor": literal("")}
    _copy(ConsentRecord, consent | {"evidence": _empty_object()}, here, since=None)
    blocked = {"address_hash": Contact.address_hash, "list_id": literal("*"), "reason": literal("hard_bounce")}
    _copy(Suppression, blocked, here, Contact.id % 100 == 3)


def _copy(model: Any, values: Item, *where: Any, since: Any = Contact.created_at) -> None:
    values = values if since is None else values | {"since": since}
    rows = select(*(column.label(name) for name, column in values.items())).where(*where)
    db.session.execute(insert(model).from_select(list(values), rows, include_defaults=False))


def _empty_object() -> Any:
    return literal_column("'{}'" if db.engine.dialect.name == "sqlite" else "'{}'::jsonb")


def _sources() -> Iterator[Item]:
    for number in range(SOURCES):
        kind = ("website", "member", "supporter", "import")[number % 4]
        yield {"digest": str(number), "kind": kind, "label": f"Source {number}", "code": f"s{number}"}


def _sent(contacts: int, days: int, every: int) -> int:
    """Write a mailing that every n-th got so many days ago; return its id."""
    at = clock.now() - timedelta(days=days)
    mailing = _mailing(contacts, [], subject=f"Sent {days} days ago", state="finished", released_at=at, finished_at=at)
    message = message_of(mailing, at)
    values = {
        "message_id": literal(message),
        "address": Contact.email,
        "occasion": literal(""),
        "uuid": new_uuid(f"{days}", Contact.email),
        "contact_id": Contact.id,
        "about": literal(""),
        "merge": literal_column("NULL" if db.engine.dialect.name == "sqlite" else "NULL::jsonb"),
        "state": literal("sent"),
        "attempts": literal(1),
        "resends": literal(0),
        "next_attempt_at": literal(at, UtcDateTime),
        "sent_at": literal(at, UtcDateTime),
        "epoch": literal(1),
    }
    columns = [column.label(name) for name, column in values.items()]
    for first in range(1, contacts + 1, population.CHUNK):
        last = first + population.CHUNK - 1
        rows = select(*columns).where(Contact.id.between(first, last), Contact.id % every == 0).order_by(Contact.email)
        db.session.execute(insert(Delivery).from_select(list(values), rows, include_defaults=False))
        db.session.commit()
        database.checkpoint(db.engine)
    return mailing


def _mailing(contacts: int, sent: list[int], **values: Any) -> int:
    it = Wanted()
    if sent:
        ohio = Segment(name="A tag of Ohio", definition=_group({"field": "tag", "test": "is", "value": "Tag 10"}))
        db.session.add(ohio)
        db.session.flush()
        it = Wanted(
            people="all", without_segments=[ohio.id], without_mailings=[sent[3]], without_people=[1, 2, contacts]
        )
    facts = {"kind": "call_to_action", "subject": "The vote is tomorrow", "body": "Write to {{ first_name }}"}
    mailing = Mailing(**{**facts, "topic_id": 1, "audience": it.kept(), **values})
    db.session.add(mailing)
    db.session.commit()
    return mailing.id


def message_of(mailing_id: int, at: Any) -> int:
    """Write the message that a mailing became; return its id. Commits."""
    html, plain = stage.mailing_text(11)
    sender = "Bridgeway <news@bridgeway.example>"
    message = outbox.write("The vote", html, plain, sender=sender, kind="bulk", list_id="action-alerts")
    message.created_at = at
    db.session.add(MailingMessage(message_id=message.id, mailing_id=mailing_id, language="en"))
    db.session.commit()
    return message.id


def _release(mailing_id: int) -> None:
    """As releasing does, without the checks, which count on their own."""
    message_of(mailing_id, clock.now())
    mailing = db.session.get_one(Mailing, mailing_id)
    mailing.state, mailing.released_at, mailing.scheduled_at = "sending", clock.now(), clock.now()
    keeping.write(mailing_id, keeping.plan(mailing, audience.select_people(mailing), clock.now()))
    db.session.commit()


def _group(*items: Item, op: str = "and", negate: bool = False) -> Item:
    return {"op": op, "not": negate, "items": list(items)}


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
