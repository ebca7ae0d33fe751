"""A month of the calendar: its days in weeks that begin on Sunday, and what stands on each."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from crm.accounts.models import User
from crm.base.calendars import MOST, Entry, Running, Source, Window, calendar_entries

WEEKS = calendar.Calendar(firstweekday=calendar.SUNDAY)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
FIRST_YEAR, LAST_YEAR = 2000, 2100
SHOWN = 4
"""How many entries of a day the month shows; the list shows all."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a month (its first day), whose, of which campaign, and one kind (a source, or part of one)."""

    month: date
    mine: bool = False
    campaign_id: int | None = None
    kind: str = ""


@dataclass(frozen=True)
class Sheet:
    """What is found: the entries of each day, the labels of the sources of which there are more than are shown, and
    what runs in the month, with its kind.
    """

    weeks: Sequence[Sequence[date]]
    entries: Mapping[date, Sequence[tuple[str, Entry]]]
    cut: Sequence[str] = field(default_factory=list)
    running: Sequence[tuple[str, Running]] = field(default_factory=list)

    def days_of(self, month: date) -> list[tuple[date, Sequence[tuple[str, Entry]]]]:
        """Return the days of the month on which something stands, with it."""
        days = [day for day in sorted(self.entries) if (day.year, day.month) == (month.year, month.month)]
        return [(day, self.entries[day]) for day in days]


def month_of(text: str, today: date) -> date:
    """Return the first day of a month such as 2026-11; of the present one for what is none."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        first = today
    return first.replace(day=1) if FIRST_YEAR <= first.year <= LAST_YEAR else today.replace(day=1)


def beside(month: date) -> tuple[date | None, date | None]:
    """Return the months before and after; None where the calendar ends."""
    before, after = month - timedelta(days=1), month + timedelta(days=31)
    return (
        before.replace(day=1) if before.year >= FIRST_YEAR else None,
        after.replace(day=1) if after.year <= LAST_YEAR else None,
    )


def of(wanted: Wanted, user: User) -> Sheet:
    """Return the month, with the days of others that stand in its weeks."""
    weeks = WEEKS.monthdatescalendar(wanted.month.year, wanted.month.month)
    name, _, part = wanted.kind.partition(".")
    window = Window(weeks[0][0], weeks[-1][-1], user, wanted.mine, wanted.campaign_id, part)
    found: dict[date, list[tuple[str, Entry]]] = {}
    cut = []
    for kind, source in sources(user):
        if name in ("", kind):
            entries = source.find(window)
            cut += [source.label] if len(entries) > MOST else []
            for entry in entries[:MOST]:
                if entry.day:
                    found.setdefault(entry.day, []).append((kind, entry))
    return Sheet(weeks, {day: sorted(rows, key=_order) for day, rows in found.items()}, cut, _running(wanted, user))


def _running(wanted: Wanted, user: User) -> list[tuple[str, Running]]:
    last = wanted.month.replace(day=calendar.monthrange(wanted.month.year, wanted.month.month)[1])
    window = Window(wanted.month, last, user, wanted.mine, wanted.campaign_id)
    asked = [(kind, source.running) for kind, source in sources(user) if wanted.kind in ("", kind)]
    return [(kind, one) for kind, find in asked if find for one in find(window)]


def sources(user: User) -> list[tuple[str, Source]]:
    """Return what the user may see of the calendar, by its kind, in order."""
    found = [(kind, source) for kind, source in calendar_entries.items() if user.may(source.permission)]
    return sorted(found, key=lambda pair: pair[1].order)


def kinds(user: User) -> list[tuple[str, str]]:
    """Return the kinds that can be chosen, those of one source among it, as (value, label)."""
    found = []
    for kind, source in sources(user):
        found.append((kind, source.label))
        found += [(f"{kind}.{part}", f"{source.label}: {label}") for part, label in source.parts.items()]
    return found


def _order(pair: tuple[str, Entry]) -> Any:
    """What has an hour comes first, by it; the rest in the order of the sources, by title."""
    kind, entry = pair
    hour = entry.at.timestamp() if entry.at else 0.0
    return (entry.at is None, hour, calendar_entries[kind].order, entry.title.lower(), entry.id)
