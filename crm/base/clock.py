"""The one place that tells the time."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def shared(connection: Connection) -> datetime:
    """Return the present moment by the database's clock, which all hosts share; aware, in UTC."""
    if connection.dialect.name == "sqlite":
        return now()
    moment: datetime = connection.execute(text("SELECT now()")).scalar_one()
    return moment.astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    """Return when the day begins in the zone of that name, in UTC; raises ZoneInfoNotFoundError."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_of(moment: datetime, zone: str) -> date:
    """Return the date that clocks in the zone of that name show then; raises ZoneInfoNotFoundError."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today(zone: str = "UTC") -> date:
    """Return the present date in the zone of that name; raises ZoneInfoNotFoundError."""
    return day_of(now(), zone)
