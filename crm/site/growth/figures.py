"""What people did in some days, by where they came from: sign-ups, signatures and the rest, as subjects count them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import format_date
from sqlalchemy import ColumnElement, Select, select, union_all

from crm.base.acted import acted
from crm.base.registries import metrics
from crm.contacts.hours import NO_SOURCE
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import coalition, members

PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months"}
USUAL = "90"
MOST_LINES = 40
REST = "Others"


@dataclass(frozen=True)
class Whose:
    """Whose numbers are meant: by a source of that label, a member's link, the lesser sources, no known one, or all."""

    source: str = ""
    member: int = 0
    others: bool = False
    unknown: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """What says so in an address."""
        return {name: int(value) if value is True else value for name, value in vars(self).items() if value}


ALL = Whose()


@dataclass(frozen=True)
class Line:
    """How often each thing was done by who came one way; `whose`: where its people can be listed, how to ask."""

    label: str
    numbers: tuple[int, ...]
    whose: Whose | None = None

    @property
    def total(self) -> int:
        """How often anything was done."""
        return sum(self.numbers)


@dataclass(frozen=True)
class Growth:
    """What was done in a period: `kinds` names it by key, the lines count it in that order.

    `weeks` are the first days of weeks, and `by_week` the numbers of each kind in them.
    """

    kinds: Sequence[tuple[str, str]]
    total: Line
    by_source: Sequence[Line]
    by_member: Sequence[Line]
    weeks: Sequence[date]
    by_week: Sequence[Sequence[int]]

    def chart(self) -> dict[str, Any]:
        """Return the weeks as the macro of charts wants them, with the kinds of which there is anything."""
        named = zip(self.kinds, self.by_week, strict=True)
        series = [{"label": label, "values": list(row)} for (_, label), row in named if any(row)]
        return {"labels": [format_date(week, "MMM d") for week in self.weeks], "series": series}


def of(days: int) -> Growth:
    """Return what was done in the last days, today included."""
    kinds = [(key, act.label) for key, act in acted.items() if key in metrics]
    begin, end = span(days)
    hours = [metrics[key].by_hour(begin, end) for key, _ in kinds]
    counts = [_by_label(rows) for rows in hours]
    lines = [
        Line(label, tuple(count[label] for count in counts)) for label in {label for count in counts for label in count}
    ]
    first = _first_day(days)
    weeks = [first + timedelta(weeks=n) for n in range((days + 6) // 7)]
    return Growth(
        kinds=kinds,
        total=Line("All", tuple(sum(count.values()) for count in counts), ALL),
        by_source=_largest(lines),
        by_member=_of_members(counts, _owners()),
        weeks=weeks,
        by_week=[_weekly(rows, first, len(weeks)) for rows in hours],
    )


def people(key: str, whose: Whose, days: int) -> Select[Any] | None:
    """Return the query of (contact id, moment) of who did that by these sources; None for no such thing."""
    if key not in acted or key not in metrics:
        return None
    contact_id, at = union_all(*(acted[key].who(sources) for sources in _sources(whose, days))).subquery().c
    begin, end = span(days)
    return select(contact_id, at).where(at >= begin, at < end).order_by(at.desc())


def span(days: int) -> tuple[datetime, datetime]:
    """Return the moments between which the last days lie on the coalition's clocks; the second is not included."""
    return coalition.midnight(_first_day(days)), coalition.midnight(coalition.today() + timedelta(days=1))


def _sources(whose: Whose, days: int) -> list[Select[int] | None]:
    """Return the selects of the ids of these sources, and None where no known source is one of them."""
    if whose.member:
        labels = [label for label, owner in _owners().items() if owner == whose.member]
        return [_labeled(Source.label.in_(labels))]
    if whose.others:
        named = {line.label for line in of(days).by_source if not (line.whose and line.whose.others)}
        others = _labeled(Source.label.not_in(named))
        return [others] if NO_SOURCE in named else [others, None]
    if whose.unknown:
        return [_labeled(Source.label == NO_SOURCE), None]
    return [_labeled(Source.label == whose.source)] if whose.source else [select(Source.id), None]


def _labeled(condition: ColumnElement[bool]) -> Select[int]:
    return select(Source.id).where(condition)


def _first_day(days: int) -> date:
    return coalition.today() - timedelta(days=days - 1)


def _by_label(rows: Sequence[tuple[datetime, str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for _, label, number in rows:
        found[label] += number
    return found


def _owners() -> dict[str, int]:
    """Return the labels of the sources of member organizations, and whose each is."""
    query = select(Source.label, Source.organization_id).where(Source.organization_id.is_not(None)).distinct()
    found: dict[str, int] = dict(db.session.execute(query).all())  # type: ignore[arg-type]
    return found


def _largest(lines: Sequence[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: (-line.total, line.label))
    kept, rest = _opened(ordered[:MOST_LINES]), ordered[MOST_LINES:]
    if rest:
        numbers = tuple(map(sum, zip(*(line.numbers for line in rest), strict=True)))
        kept.append(Line(REST, numbers, Whose(others=True)))
    return kept


def _opened(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, each with its source where there is one whose people can be listed, or none is known."""
    query = select(Source.label).where(Source.label.in_([line.label for line in lines])).distinct()
    known = set(db.session.scalars(query))
    found = {label: Whose(source=label) for label in known} | {NO_SOURCE: Whose(unknown=True)}
    return [replace(line, whose=found.get(line.label)) for line in lines]


def _of_members(counts: Sequence[Counter[str]], known: dict[str, int]) -> list[Line]:
    """Return one line for each member organization, those that brought nobody yet too."""
    lines = []
    for member in db.session.scalars(members.by_name()):
        labels = [label for label, owner in known.items() if owner == member.id]
        numbers = tuple(sum(count[label] for label in labels) for count in counts)
        lines.append(Line(member.name, numbers, Whose(member=member.id)))
    return sorted(lines, key=lambda line: -line.total)


def _weekly(rows: Sequence[tuple[datetime, str, int]], first: date, weeks: int) -> list[int]:
    here, found = ZoneInfo(coalition.zone()), [0] * weeks
    for at, _, number in rows:
        found[min((at.astimezone(here).date() - first).days // 7, weeks - 1)] += number
    return found
