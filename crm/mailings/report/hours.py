"""When people clicked: in the hours and days since a mailing went out, and at which hour of the day.

Hours and days are those of the coalition's zone. Clicks later than 30 days are known by their month alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm.mailings.reading.clicks import Clicks
from crm.mailings.reading.counting import BY_HOUR
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


def of_the_day(found: Clicks, released_at: datetime) -> list[Span]:
    """Return the 24 hours of the day, with the clicks of the first 30 days."""
    begin, zone = released_at.replace(minute=0, second=0, microsecond=0), ZoneInfo(coalition.zone())
    soon = [(hour.astimezone(zone).hour, p, c) for hour, p, c in found.hours if timedelta() <= hour - begin < BY_HOUR]
    return [_sum(f"{n:02}:00", ((p, c) for hour, p, c in soon if hour == n)) for n in range(24)]


def _sum(label: str, numbers: Iterable[tuple[int, int]]) -> Span:
    both = list(numbers)
    return Span(label, sum(people for people, _ in both), sum(clicks for _, clicks in both))
