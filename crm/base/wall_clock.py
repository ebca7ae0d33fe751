"""A wall clock's time in a named zone, and the moment in UTC that it means; safe across daylight saving."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from crm.base import zones

WALL = "%Y-%m-%dT%H:%M"
EARLIEST, LATEST = 2000, 2200  # Years beyond which no clock change is known, and dates overflow in some zones.


class BadTime(ValueError):
    """The time cannot be used; the message says what to do, `field` which part of a form it is about ("": none)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Planned:
    """A moment, as a person planned it: `local` is the wall clock's time in `zone`; `note` says what was ambiguous."""

    moment: datetime
    zone: str
    local: str
    note: str = ""


def plan(local: str, zone: str) -> Planned:
    """Return the moment of a wall-clock time such as 2026-12-01T09:00. Raises BadTime.

    A time that a clock change skips is refused; of one that it repeats, the first is taken and said so.
    """
    where = named(zone)
    try:
        wall = datetime.fromisoformat(local.strip())
    except ValueError as error:
        raise BadTime(f"“{local}” is not a date and time. Write it like 2026-12-01T09:00.", "at") from error
    if wall.tzinfo is not None:
        raise BadTime(f"“{local}” names an offset and a zone. Leave one of them out.", "at")
    if not EARLIEST < wall.year < LATEST:
        raise BadTime(f"“{local}” is too far away. Choose a time in the years to come.", "at")
    first, second = (wall.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(where).replace(tzinfo=None) != wall:
        later = first.astimezone(where).strftime("%H:%M")
        raise BadTime(
            f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d} in {zone}: clocks go forward. Choose {later}, say.",
            "at",
        )
    note = (
        f"{wall:%H:%M} comes twice that day in {zone}, because clocks go back; the first is meant."
        if second != first
        else ""
    )
    return Planned(first, zone, wall.strftime(WALL), note)


def parse(text: str, now: datetime, zone: str) -> Planned:
    """Read `now`, an ISO time with an offset, or `2026-12-01T09:00 America/New_York`. Raises BadTime.

    `zone` is the one in which the time is shown where the text names none.
    """
    if text.strip().lower() == "now":
        return at(now, zone)
    wall, _, last = text.strip().rpartition(" ")
    if wall and zones.known(last):
        return plan(wall, last)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadTime(
            f"“{text}” is not a time. Write now, 2026-12-01T09:00-05:00 or “2026-12-01T09:00 America/New_York”."
        ) from error
    if not EARLIEST < moment.year < LATEST:
        raise BadTime(f"“{text}” is too far away. Choose a time in the years to come.")
    if moment.tzinfo is None:
        raise BadTime(f"“{text}” has no zone. Write 2026-12-01T09:00-05:00 or “2026-12-01T09:00 America/New_York”.")
    return at(moment, zone)


def at(moment: datetime, zone: str) -> Planned:
    """Return a moment that is already known, told in that zone."""
    return Planned(moment.astimezone(UTC), zone, moment.astimezone(named(zone)).strftime(WALL))


def tell(moment: datetime, zone: str) -> str:
    """Return the moment in words, e.g. `Tue, Dec 1, 2026, 09:00 (America/New_York)`."""
    local = moment.astimezone(named(zone))
    return f"{local:%a, %b} {local.day}, {local:%Y, %H:%M} ({zone})"


def hours(text: str | None) -> tuple[int | None, int | None]:
    """Read hours of the day such as 08:00-20:00 as minutes from midnight; raises BadTime."""
    if not text:
        return None, None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise BadTime(f"“{text}” are no hours of the day. Write them like 08:00-20:00.") from error
    return first.hour * 60 + first.minute, last.hour * 60 + last.minute


def of_day(minute: int) -> time:
    """Return the time of day of a minute counted from midnight."""
    return time(*divmod(minute % (24 * 60), 60))


def named(zone: str) -> ZoneInfo:
    """Return the zone of that name; raises BadTime."""
    if not zones.known(zone):
        raise BadTime(f"“{zone[:64]}” is not a time zone. Write one like America/New_York.", "zone")
    return ZoneInfo(zone)
