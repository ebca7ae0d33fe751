"""When a digest is due: on a day of the week or month, at a time of its zone."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.base import wall_clock
from crm.mailings.digests.models import WEEKLY, Digest

FARTHEST = 62  # days between two, and more


def latest(digest: Digest, now: datetime) -> datetime:
    """Return the last moment up to now at which it was due, in UTC."""
    return max(moment for moment in _around(digest, now, -FARTHEST, 1) if moment <= now)


def following(digest: Digest, now: datetime) -> datetime:
    """Return the next moment after now at which it is due, in UTC."""
    return min(moment for moment in _around(digest, now, -1, FARTHEST) if moment > now)


def between(digest: Digest, since: datetime, until: datetime) -> list[datetime]:
    """Return the moments after the one and before the other at which it is due, in UTC."""
    days = max((until - since).days, 0) + 1
    return [moment for moment in _around(digest, since, -1, days + 1) if since < moment < until]


def _around(digest: Digest, now: datetime, first: int, last: int) -> Iterator[datetime]:
    zone = ZoneInfo(digest.zone)
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in range(first, last + 1)):
        if _is_due(digest, day):
            # A time that a clock change skips means the one after; of one that it repeats, the first.
            wall = datetime.combine(day, wall_clock.of_day(digest.minute), zone)
            yield wall.astimezone(UTC)


def _is_due(digest: Digest, day: date) -> bool:
    if digest.rhythm == WEEKLY:
        return day.weekday() == digest.weekday
    return day.day == min(digest.monthday, monthrange(day.year, day.month)[1])
