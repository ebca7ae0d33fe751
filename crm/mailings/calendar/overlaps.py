"""Who would get two mailings on one day, and how many a week brings: told before a mailing is scheduled or moved."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from crm.base import database, wall_clock
from crm.base.wall_clock import Planned
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.audience import AudienceGone
from crm.mailings.models import Mailing

SHOWN = 2
GOING = ("scheduled", "sending", "paused", "finished")


@dataclass(frozen=True)
class Other:
    """Another mailing of the same day, and how many get both."""

    id: int
    subject: str
    both: int


@dataclass(frozen=True)
class Overlap:
    """What a mailing meets on that day, and in the week (from Sunday) that the day is in.

    `recipients` of it get `average` mailings in the week, this one included, the busiest of them `busiest`; `mailings`
    go in that week, this one included. Of `untold` others it cannot be told whom they reach.
    """

    day: date
    zone: str
    recipients: int = 0
    others: Sequence[Other] = ()
    mailings: int = 1
    average: float = 1.0
    busiest: int = 1
    untold: int = 0

    @property
    def key(self) -> str:
        """What one has to have seen to go on in spite of it; "" where nothing overlaps."""
        found = ".".join(str(other.id) for other in self.others)
        return f"{self.day.isoformat()}.{found}" if found else ""

    @property
    def sentences(self) -> list[str]:
        """What overlaps, the greatest part first: SHOWN mailings by name, the rest counted."""
        found = []
        for other in self.others[:SHOWN]:
            who = "1 person gets" if other.both == 1 else f"{other.both:,} people get"
            found.append(f"{who} both this and “{other.subject}” on the same day.")
        more = len(self.others) - SHOWN
        if more > 0:
            found.append("1 more of that day overlaps." if more == 1 else f"{more} more of that day overlap.")
        return found


@dataclass(frozen=True)
class Counts:
    """How many get the mailing, how many copies of others they get in all, the most of one, and by mailing how many."""

    recipients: int
    copies: int
    most: int
    both: Mapping[int, int]


class NotKnown(Exception):
    """People would get two mailings that day, and whoever schedules has not said that they know; `key` names it."""

    def __init__(self, overlap: Overlap) -> None:
        super().__init__(" ".join(overlap.sentences))
        self.key = overlap.key


def require_known(mailing: Mailing, planned: Planned, known: str) -> None:
    """Raise NotKnown where the mailing would overlap with others on that day, unless just this is what is known.

    Ends the caller's transaction: it counts in one that only reads.
    """
    mailing_id = mailing.id
    with database.looking():
        found = look(db.session.get_one(Mailing, mailing_id), day_of(planned), planned.zone)
    if found.key and found.key != known:
        raise NotKnown(found)


def day_of(planned: Planned) -> date:
    """Return the day on which it is planned, as the clocks of its own zone tell it."""
    return date.fromisoformat(planned.local[:10])


def look(mailing: Mailing, day: date, zone: str) -> Overlap:
    """Tell what the mailing would meet if it went on that day of the zone. Raises BadTime for an unknown zone."""
    sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    week = _going(mailing, sunday, sunday + timedelta(days=7), zone)
    begin, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
    audiences, untold = _audiences(week)
    try:
        counts = _count(mailing, audiences)
    except AudienceGone:
        return Overlap(day, zone, untold=untold)
    others = [
        Other(one.id, one.subject or "(no subject)", counts.both[one.id])
        for one in week
        if one.scheduled_at and begin <= one.scheduled_at < end and counts.both.get(one.id)
    ]
    others.sort(key=lambda other: (-other.both, other.id))
    average = 1 + counts.copies / counts.recipients if counts.recipients else 1.0
    return Overlap(day, zone, counts.recipients, others, len(week) + 1, average, 1 + counts.most, untold)


def _going(mailing: Mailing, first: date, after: date, zone: str) -> list[Mailing]:
    """Return the other mailings that went or go from the one day until before the other one."""
    query = select(Mailing).where(
        Mailing.id != mailing.id,
        Mailing.state.in_(GOING),
        Mailing.scheduled_at >= _moment(first, zone),
        Mailing.scheduled_at < _moment(after, zone),
    )
    return list(db.session.scalars(query.order_by(Mailing.scheduled_at, Mailing.id)))


def _audiences(others: Sequence[Mailing]) -> tuple[list[tuple[list[int], ColumnElement[bool]]], int]:
    """Return the mailings by their audience, with the condition that a contact is in it, and how many cannot be told.

    Most mailings of a week go to the same people, so each audience is asked for once.
    """
    found: dict[str, tuple[list[int], ColumnElement[bool]]] = {}
    untold = 0
    for one in others:
        held_out = one.kind in audience.HELD_OUT_OF
        who = json.dumps([one.topic_id, held_out, one.audience], sort_keys=True)
        key = who if one.frozen_at is None else f"copies of {one.id}"
        try:
            ids, _ = found.setdefault(key, ([], _got_it(one) if one.frozen_at else audience.reaches(one)))
        except AudienceGone:
            untold += 1
        else:
            ids.append(one.id)
    return list(found.values()), untold


def _got_it(mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a contact has a copy, for a mailing of which the list of copies is complete."""
    copies = select(Delivery.contact_id).where(Delivery.contact_id.is_not(None))
    gone = Delivery.state.in_(["suppressed", "canceled"])
    return Contact.id.in_(copies.where(Delivery.message_id.in_(mailing.message_ids), ~gone))


def _count(mailing: Mailing, audiences: Sequence[tuple[list[int], ColumnElement[bool]]]) -> Counts:
    """Count in one walk through the recipients, in how many of the other audiences each of them is."""
    named = [f"n{place}" for place in range(len(audiences))]
    flags = [case((condition, 1), else_=0).label(name) for name, (_, condition) in zip(named, audiences, strict=True)]
    # Materialized, or SQLite would ask for each audience as often as its answer is used.
    each = select(Contact.id, *flags).where(audience.reaches(mailing)).cte("each").prefix_with("MATERIALIZED")
    copies: Any = sum((each.c[name] * len(ids) for name, (ids, _) in zip(named, audiences, strict=True)), literal(0))
    totals = [func.count(), func.sum(copies), func.max(copies), *(func.sum(each.c[name]) for name in named)]
    recipients, all_copies, most, *numbers = db.session.execute(select(*totals).select_from(each)).one()
    both = {number: count or 0 for (ids, _), count in zip(audiences, numbers, strict=True) for number in ids}
    return Counts(recipients, all_copies or 0, most or 0, both)


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), wall_clock.named(zone)).astimezone(UTC)
