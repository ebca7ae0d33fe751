"""Which steps the coming days will bring, and to how many, as far as those who are on the way tell it.

Who waits for a step comes to the steps after it too, so many days later. Who comes in meanwhile is not known yet; who
leaves the topic or gets to the goal meanwhile will be one less.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from crm.base import clock
from crm.contacts.days import second_of
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings.audience import AudienceGone
from crm.mailings.sequences import reaching
from crm.mailings.sequences.models import Sequence, SequenceRun, SequenceStep

QUARTER = 15 * 60  # seconds


@dataclass(frozen=True)
class Expected:
    """So many people are to get the step on that day."""

    step: SequenceStep
    day: date
    people: int


def steps() -> Iterator[SequenceStep]:
    """Return the steps of all live sequences that go out."""
    live = select(Sequence).where(Sequence.state == "live").order_by(Sequence.name, Sequence.id)
    for sequence in db.session.scalars(live):
        yield from (step for step in sequence.steps if _ways(step))


def between(first: date, last: date, zone: str) -> list[Expected]:
    """Return what is expected from the one day to the other, by days of that zone; on days that are over, nothing."""
    today = clock.today(zone)
    if last < today:
        return []
    found: list[Expected] = []
    for step in steps():
        counts = _counts(step, today, zone)
        days = [day for day in sorted(counts) if max(first, today) <= day <= last]
        found += [Expected(step, day, counts[day]) for day in days]
    return found


def people(sequence: Sequence, day: date, zone: str) -> Select[SequenceRun]:
    """Return the select of the runs of those who are expected to get a step on that day of the zone."""
    query = select(SequenceRun).join(Contact, Contact.id == SequenceRun.contact_id)
    live = sequence.steps if sequence.state == "live" else []
    query = query.where(or_(false(), *(and_(comes(step, day, day, zone), _gets(step)) for step in live)))
    return query.options(joinedload(SequenceRun.contact)).order_by(SequenceRun.due_at, SequenceRun.id)


def comes(step: SequenceStep, first: date, last: date, zone: str) -> ColumnElement[bool]:
    """Return the condition that a run comes to the step on one of these days of the zone; what is due goes today."""
    today, ways = clock.today(zone), []
    for step_id, days in _ways(step):
        begin, end = first - timedelta(days=days), last - timedelta(days=days)
        if end < today:
            continue
        way = and_(SequenceRun.step_id == step_id, SequenceRun.due_at < clock.midnight(end + timedelta(days=1), zone))
        ways.append(way if begin <= today else way & (SequenceRun.due_at >= clock.midnight(begin, zone)))
    return and_(_on_the_way(step), or_(false(), *ways))


def _on_the_way(step: SequenceStep) -> ColumnElement[bool]:
    return and_(SequenceRun.sequence_id == step.sequence_id, SequenceRun.state == "running")


def _gets(step: SequenceStep) -> ColumnElement[bool]:
    try:
        return reaching.gets(step)
    except AudienceGone:
        return false()


def _counts(step: SequenceStep, today: date, zone: str) -> Counter[date]:
    """Count by day. Due moments are told to the quarter of an hour, with which the days of every zone begin."""
    ways: dict[int | None, int] = dict(_ways(step))
    quarter = second_of(SequenceRun.due_at) // QUARTER
    query = select(SequenceRun.step_id, quarter, func.count()).join(Contact, Contact.id == SequenceRun.contact_id)
    query = query.where(_on_the_way(step), SequenceRun.step_id.in_(ways), _gets(step))
    found: Counter[date] = Counter()
    for step_id, quarters, number in db.session.execute(query.group_by(SequenceRun.step_id, quarter)):
        due_on = datetime.fromtimestamp(quarters * QUARTER, ZoneInfo(zone)).date()
        found[max(due_on, today) + timedelta(days=ways[step_id])] += number
    return found


def _ways(step: SequenceStep) -> list[tuple[int, int]]:
    """Return from which steps one comes to it, and how many days after them; none where it does not go out.

    Who comes to a step that was never published waits there.
    """
    found: list[tuple[int, int]] = []
    days, later = 0, None
    for one in reversed([each for each in step.sequence.steps if each.number <= step.number]):
        if not one.sent_version:
            break
        days += _days(one, later) if later else 0
        found.append((one.id, days))
        later = one
    return found


def _days(one: SequenceStep, following: SequenceStep) -> int:
    """Return the days between two steps: one that is due at an hour which is over already goes on the next day."""
    over = None not in (one.minute, following.minute) and (following.minute or 0) <= (one.minute or 0)
    return following.days + (following.days == 0 and over)
