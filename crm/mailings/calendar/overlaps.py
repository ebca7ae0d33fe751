"""Who would get two mailings on one day, and how many a week brings: told before a mailing is scheduled or moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from crm.base import database
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import audience, zones
from crm.mailings.audience import AudienceGone
from crm.mailings.models import Mailing
from crm.mailings.zones import Planned

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
    same_day = {one.id for one in week if one.scheduled_at and begin <= one.scheduled_at < end}
    sets, untold = _sets(week)
    try:
        row = db.session.execute(_counted(mailing, list(sets.values()))).one()
    except AudienceGone:
        return Overlap(day, zone, untold=untold)
    both = dict(zip(sets, row[3:], strict=True))
    subjects = {one.id: one.subject or "(no subject)" for one in week}
    others = [Other(number, subjects[number], count) for number, count in both.items() if number in same_day and count]
    others.sort(key=lambda other: (-other.both, other.id))
    average = 1 + row.copies / row.recipients if row.recipients else 1.0
    return Overlap(day, zone, row.recipients, others, len(week) + 1, average, 1 + row.most, untold)


def _going(mailing: Mailing, first: date, after: date, zone: str) -> list[Mailing]:
    """Return the other mailings that went or go from the one day until before the other one."""
    query = select(Mailing).where(
        Mailing.id != mailing.id,
        Mailing.state.in_(GOING),
        Mailing.scheduled_at >= _moment(first, zone),
        Mailing.scheduled_at < _moment(after, zone),
    )
    return list(db.session.scalars(query.order_by(Mailing.scheduled_at, Mailing.id)))


def _sets(others: Sequence[Mailing]) -> tuple[dict[int, Select[Any]], int]:
    """Return by mailing the select of the contacts who get it, and of how many mailings that cannot be told."""
    found, untold = {}, 0
    for one in others:
        try:
            found[one.id] = _recipients(one)
        except AudienceGone:
            untold += 1
    return found, untold


def _recipients(mailing: Mailing) -> Select[Any]:
    """Return the contacts with a copy where the list of them is complete, else those who would get one now."""
    if mailing.frozen_at is None:
        return audience.select_reachable(mailing)
    copies = select(Delivery.contact_id.label("id")).where(Delivery.contact_id.is_not(None))
    return copies.where(Delivery.message_id.in_(mailing.message_ids), Delivery.state.not_in(["suppressed", "canceled"]))


def _counted(mailing: Mailing, sets: Sequence[Select[Any]]) -> Select[Any]:
    """Return the select of recipients, further copies of all, most of one, and then of each set how many are in it."""
    people = audience.select_reachable(mailing)
    flags = [_among(people.selected_columns[0], one).label(f"n{place}") for place, one in enumerate(sets)]
    each = people.add_columns(*flags).subquery()
    numbers = [each.c[flag.name] for flag in flags]
    total: Any = sum(numbers[1:], start=numbers[0]) if numbers else 0
    count, most = func.count().label("recipients"), func.coalesce(func.max(total), 0).label("most")
    copies = func.coalesce(func.sum(total), 0).label("copies")
    sums = [func.coalesce(func.sum(number), 0) for number in numbers]
    return select(count, copies, most, *sums).select_from(each)


def _among(contact_id: ColumnElement[int], people: Select[Any]) -> ColumnElement[int]:
    # Behind a subquery, so that no condition of the other audience is taken for one about this one's contact.
    other = people.subquery()
    return case((contact_id.in_(select(other.c[0])), 1), else_=0)


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), zones.named(zone)).astimezone(UTC)
