"""When people clicked: in the hours and days since a mailing went out, and at which hour of the day.

Hours and days are those of the coalition's zone. Clicks later than 30 days are known by their month alone.
Copies of a step of a sequence leave one by one: how long after the own copy somebody clicked is known of those who
agreed to be seen, and of all others the hour of the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.clicks import Clicks
from crm.mailings.reading.counting import BY_HOUR
from crm.mailings.reading.models import PersonalClick
from crm.organizations import coalition

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = 24  # hours
DAYS = (("First day", 1), ("Second day", 2), ("Third day", 3), ("Until the seventh day", 7), ("Until the 30th day", 30))
LATER = "Later"


@dataclass(frozen=True)
class Span:
    """A span of time: people, each once a day, and their clicks."""

    label: str
    people: int = 0
    clicks: int = 0


def since_it_came(mailing: Mailing, found: Clicks) -> tuple[list[Span], list[Span]]:
    """Return the first 24 hours and the days after: since the release, or of a step since the own copy."""
    if mailing.released_at is None:
        return since_own_copy(mailing)
    return first_day(found, mailing.released_at), by_day(found, mailing.released_at)


def first_day(found: Clicks, released_at: datetime) -> list[Span]:
    """Return the first 24 hours, by the clock."""
    begin = released_at.replace(minute=0, second=0, microsecond=0)
    zone = ZoneInfo(coalition.zone())
    hours = {hour: (people, clicks) for hour, people, clicks in found.hours}
    moments = [begin + n * HOUR for n in range(FIRST)]
    return [Span(f"{at.astimezone(zone):%a %H:%M}", *hours.get(at, (0, 0))) for at in moments]


def by_day(found: Clicks, released_at: datetime) -> list[Span]:
    """Return the days since, the later ones together."""
    begin = released_at.replace(minute=0, second=0, microsecond=0)
    spans, after = [], timedelta()
    for label, days in DAYS:
        end = days * DAY
        spans.append(_sum(label, ((p, c) for hour, p, c in found.hours if after <= hour - begin < end)))
        after = end
    late = ((p, c) for hour, p, c in found.hours if not timedelta() <= hour - begin < BY_HOUR)
    return [*spans, _sum(LATER, late)]


def of_the_day(found: Clicks, released_at: datetime | None) -> list[Span]:
    """Return the 24 hours of the day, with the clicks of the first 30 days; of a step (None) with all."""
    zone, known = ZoneInfo(coalition.zone()), found.hours
    if released_at is not None:
        begin = released_at.replace(minute=0, second=0, microsecond=0)
        known = [one for one in known if timedelta() <= one[0] - begin < BY_HOUR]
    soon = [(hour.astimezone(zone).hour, people, clicks) for hour, people, clicks in known]
    return [_sum(f"{n:02}:00", ((p, c) for hour, p, c in soon if hour == n)) for n in range(24)]


def since_own_copy(mailing: Mailing) -> tuple[list[Span], list[Span]]:
    """Return the first 24 hours after the own copy, and the days, in which those known by name clicked first."""
    after = _waited(mailing)
    hours = [_within(f"Hour {n + 1}", after, n * HOUR, (n + 1) * HOUR) for n in range(FIRST)]
    ends = [timedelta(), *(days * DAY for _, days in DAYS), timedelta.max]
    names = [*(label for label, _ in DAYS), LATER]
    return hours, [_within(name, after, *span) for name, span in zip(names, pairwise(ends), strict=True)]


def _waited(mailing: Mailing) -> list[timedelta]:
    """Return how long after the own copy each person first followed a link of it."""
    first = func.min(PersonalClick.first_at)
    sent = select(Delivery.contact_id, func.min(Delivery.sent_at).label("at"))
    sent = sent.where(Delivery.message_id.in_(mailing.message_ids), Delivery.state == "sent")
    copies = sent.group_by(Delivery.contact_id).subquery()
    query = select(first, copies.c.at).join(copies, copies.c.contact_id == PersonalClick.contact_id)
    query = query.join(MailingLink, MailingLink.id == PersonalClick.link_id)
    query = query.where(MailingLink.mailing_id == mailing.id).group_by(PersonalClick.contact_id, copies.c.at)
    return [max(timedelta(), clicked - at) for clicked, at in db.session.execute(query)]


def _within(label: str, waited: Iterable[timedelta], begin: timedelta, end: timedelta) -> Span:
    return Span(label, people=sum(begin <= one < end for one in waited))


def _sum(label: str, numbers: Iterable[tuple[int, int]]) -> Span:
    both = list(numbers)
    return Span(label, sum(people for people, _ in both), sum(clicks for _, clicks in both))
