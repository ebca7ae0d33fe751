"""How far, how fast, and when: arithmetic on a goal, without a database."""

from dataclasses import dataclass
from datetime import date, timedelta

# Before so many days have passed a forecast would be a guess.
FORECAST_AFTER_DAYS = 7
# A forecast further away than this says no more than "not at this pace".
FARTHEST_DAYS = 3650
LARGEST_SOURCES = 5
OTHER = "Other"


@dataclass(frozen=True)
class Progress:
    """Where a goal stands. Weeks and paces are exact (not rounded); None where there is nothing to say yet."""

    target: int
    actual: int
    weeks: float
    weeks_left: float
    needed_per_week: float | None
    pace_per_week: float | None
    forecast_week: float | None
    forecast_on: date | None
    weeks_late: float | None
    state: str

    @property
    def missing(self) -> int:
        return max(0, self.target - self.actual)

    @property
    def percent(self) -> int:
        """The part that is reached, in whole percent, rounded down: 799 of 800 is not 100."""
        return self.actual * 100 // self.target


def progress(target: int, starts_on: date, deadline: date, today: date, actual: int) -> Progress:
    """Return where the goal stands on that day; state is waiting, reached, missed, early, ahead or behind.

    `early` means too early to tell. weeks_late is negative where the forecast lies before the deadline.
    """
    weeks = _weeks(starts_on, deadline)
    gone = max(0.0, _weeks(starts_on, today))
    left = max(0.0, _weeks(max(today, starts_on), deadline))
    missing = max(0, target - actual)
    needed = missing / left if missing and left else None
    pace = actual / gone if gone else None
    forecast = target / pace if pace and missing and gone * 7 >= FORECAST_AFTER_DAYS else None
    if forecast and forecast * 7 > FARTHEST_DAYS:
        forecast = None
    forecast_on = starts_on + timedelta(days=round(forecast * 7)) if forecast else None
    late = forecast - weeks if forecast else None
    state = _state(missing, starts_on, deadline, today, pace, forecast, late)
    return Progress(target, actual, weeks, left, needed, pace, forecast, forecast_on, late, state)


@dataclass(frozen=True)
class Split:
    """Counts by week and source; weeks are named by their first day, and all counts add up to the total."""

    weeks: list[date]
    counts: dict[str, list[int]]

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts.values()))


def split(days: list[tuple[date, str, int]], starts_on: date, today: date) -> Split:
    """Return the counts by week of the goal and by source, the largest five sources by name and the rest as Other.

    `days` holds (day, source, count), none of them before the first day of the goal.
    """
    last = (max([today, *(day for day, _, _ in days)]) - starts_on).days // 7
    weeks = [starts_on + timedelta(weeks=n) for n in range(last + 1)]
    totals: dict[str, int] = {}
    for _, source, count in days:
        totals[source] = totals.get(source, 0) + count
    named = sorted(totals, key=lambda source: (-totals[source], source))
    if len(named) > LARGEST_SOURCES:
        named = [source for source in named[:LARGEST_SOURCES] if source != OTHER] + [OTHER]
    counts = {source: [0] * len(weeks) for source in named}
    for day, source, count in days:
        counts[source if source in counts else OTHER][(day - starts_on).days // 7] += count
    return Split(weeks, counts)


def _weeks(start: date, end: date) -> float:
    return (end - start).days / 7


def _state(
    missing: int,
    starts_on: date,
    deadline: date,
    today: date,
    pace: float | None,
    forecast: float | None,
    late: float | None,
) -> str:
    if not missing:
        return "reached"
    if today > deadline:
        return "missed"
    if today < starts_on:
        return "waiting"
    if (today - starts_on).days < FORECAST_AFTER_DAYS:
        return "early"
    return "ahead" if forecast and late is not None and late <= 0 else "behind"
