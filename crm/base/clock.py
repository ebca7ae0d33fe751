"""The one place that tells the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """Return the present date in the zone of that name; raises ZoneInfoNotFoundError."""
    return datetime.now(ZoneInfo(zone)).date()
