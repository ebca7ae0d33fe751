"""When whose turn comes: at an hour of everybody's own zone, spread over a time, within hours of the day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.base.wall_clock import BadTime

DAY = 24 * 60  # minutes
SHARES = 1000
MOST_STEPS, SHORTEST_STEP = 48, 5  # waves of one zone; minutes between two of them
LONGEST_SPREAD = 3 * DAY
SHORTEST_WINDOW = 60


@dataclass(frozen=True)
class Timing:
    """How a mailing goes out (see MailingTiming); raises BadTime for hours that leave no time, or a spread too long."""

    own_time: bool = False
    spread: int = 0
    opens: int | None = None
    closes: int | None = None

    def __post_init__(self) -> None:
        if (self.opens is None) != (self.closes is None):
            missing = "opens" if self.opens is None else "closes"
            raise BadTime("Choose both hours between which it may go out, or none.", missing)
        if self.opens is not None and self.closes is not None and self.closes - self.opens < SHORTEST_WINDOW:
            hour = "Leave at least an hour between the first and the last time of the day, on the same day."
            raise BadTime(hour, "closes")
        if not 0 <= self.spread <= LONGEST_SPREAD:
            raise BadTime("Spread it over three days at most.", "spread")


AT_ONCE = Timing()


@dataclass(frozen=True)
class Wave:
    """A wave that is planned; the fields are those of MailingWave."""

    due_at: datetime
    zones: list[str] | None = None
    first: int = 0
    last: int = SHARES
    variant: str | None = ""


def start(wall: datetime, zone: str, timing: Timing = AT_ONCE) -> datetime:
    """Return the moment in UTC at which people of that zone begin to get what is planned for that wall-clock time.

    An hour that a clock change skips means the one after; of one that it repeats, the first.
    """
    return opening(wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone, timing)


def waves(starts: Mapping[str, datetime], timing: Timing, now: datetime) -> list[Wave]:
    """Return the waves in the order of their moments; none is due before `now`.

    starts: when the people of each zone begin to get it; of a mailing that knows no own time, that of its zone alone.
    The last wave is for all that are left, wherever they have moved to meanwhile.
    """
    found: dict[tuple[datetime, int, int], list[str]] = {}
    for zone, begin in sorted(starts.items()):
        for due_at, first, last in _steps(begin, zone, timing, now):
            found.setdefault((due_at, first, last), []).append(zone)
    planned = [
        Wave(due_at, zones if timing.own_time else None, first, last)
        for (due_at, first, last), zones in sorted(found.items())
    ]
    return [*planned[:-1], Wave(planned[-1].due_at if planned else now)]


def is_open(moment: datetime, zone: str, timing: Timing) -> bool:
    """Tell whether mail may go out at that moment."""
    return opening(moment, zone, timing) == moment


def _steps(begin: datetime, zone: str, timing: Timing, now: datetime) -> Iterator[tuple[datetime, int, int]]:
    steps = max(1, min(MOST_STEPS, timing.spread // SHORTEST_STEP))
    begin = opening(max(begin, now), zone, timing)
    for step in range(steps):
        due_at = _later(begin, timing.spread * step / steps, zone, timing)
        yield due_at, SHARES * step // steps, SHARES * (step + 1) // steps


def _later(moment: datetime, minutes: float, zone: str, timing: Timing) -> datetime:
    """Return the moment so many open minutes later."""
    if timing.closes is None:
        return moment + timedelta(minutes=minutes)
    while True:
        closing = _on_day(moment, zone, timing.closes)
        if moment + timedelta(minutes=minutes) < closing:
            return moment + timedelta(minutes=minutes)
        minutes -= (closing - moment) / timedelta(minutes=1)
        moment = opening(closing, zone, timing)


def opening(moment: datetime, zone: str, timing: Timing) -> datetime:
    """Return that moment, or where it lies outside of the hours of the day, the next at which they begin."""
    if timing.opens is None or timing.closes is None:
        return moment
    begins, closing = _on_day(moment, zone, timing.opens), _on_day(moment, zone, timing.closes)
    if moment < begins:
        return begins
    return moment if moment < closing else _on_day(moment, zone, timing.opens, days=1)


def open_minute(minute: int, timing: Timing) -> int:
    """Return that minute of the day, or where it lies outside of the hours of the day, the one at which they begin."""
    if timing.opens is None or timing.closes is None or timing.opens <= minute < timing.closes:
        return minute
    return timing.opens


def _on_day(moment: datetime, zone: str, minute: int, days: int = 0) -> datetime:
    """Return the moment of that minute of the day that it is in that zone, or of a later day."""
    where = ZoneInfo(zone)
    day = moment.astimezone(where).date() + timedelta(days=days + minute // DAY)
    return datetime.combine(day, time(*divmod(minute % DAY, 60)), where).astimezone(UTC)
