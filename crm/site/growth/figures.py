"""What people did in some days, by where they came from: sign-ups, signatures and the rest, as subjects count them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date
from sqlalchemy import ColumnElement, Select, func, select, tuple_, union_all

from crm.base.acted import acted
from crm.base.registries import Days, metrics
from crm.contacts.days import NO_SOURCE
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import coalition, members

PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months"}
USUAL = "90"
MOST_LINES = 40
REST = "Others"
WITHOUT_CODE = "by a link without its code"
LABEL: Any = Source.label
OWNER: Any = func.coalesce(Source.organization_id, 0)


@dataclass(frozen=True)
class Whose:
    """Whose numbers are meant: by a source of that label, a member's link, the lesser sources, no known one, or all.

    A label with a member: by the member's links of that label. Without one: by those that are no member's.
    """

    source: str = ""
    member: int = 0
    others: bool = False
    unknown: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """What says so in an address."""
        return {name: int(value) if value is True else value for name, value in vars(self).items() if value}


ALL = Whose()


Counts = Counter[tuple[str, int]]
"""How often something was done, by the label of the source and the member whose source it is; 0 for nobody's."""


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
    done = [metrics[key].by_day(begin, end) for key, _ in kinds]
    counts = [_by_source(rows) for rows in done]
    first = _first_day(days)
    weeks = [first + timedelta(weeks=n) for n in range((days + 6) // 7)]
    return Growth(
        kinds=kinds,
        total=Line("All", tuple(sum(count.values()) for count in counts), ALL),
        by_source=_largest(counts),
        by_member=_of_members(counts),
        weeks=weeks,
        by_week=[_weekly(rows, first, len(weeks)) for rows in done],
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
    if whose.others:
        named = [line.whose for line in of(days).by_source if line.whose and not line.whose.others]
        others = _those(tuple_(LABEL, OWNER).not_in([(one.source or NO_SOURCE, one.member) for one in named]))
        return [others] if any(one.unknown for one in named) else [others, None]
    if whose.unknown:
        return [_those(LABEL == NO_SOURCE, OWNER == 0), None]
    if whose.source:
        return [_those(whose.source == LABEL, whose.member == OWNER)]
    return [_those(whose.member == OWNER)] if whose.member else [select(Source.id), None]


def _those(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(Source.id).where(*conditions)


def _first_day(days: int) -> date:
    return coalition.today() - timedelta(days=days - 1)


def _by_source(rows: Days) -> Counts:
    found: Counts = Counter()
    for _, label, number, member in rows:
        found[label, member or 0] += number
    return found


def _largest(counts: Sequence[Counts]) -> list[Line]:
    known = {source for count in counts for source in count}
    lines = [
        Line(_named(*source, known), tuple(count[source] for count in counts), _whose(*source)) for source in known
    ]
    ordered = sorted(lines, key=lambda line: (-line.total, line.label))
    kept, rest = ordered[:MOST_LINES], ordered[MOST_LINES:]
    if rest:
        numbers = tuple(map(sum, zip(*(line.numbers for line in rest), strict=True)))
        kept.append(Line(REST, numbers, Whose(others=True)))
    return kept


def _named(label: str, member: int, known: Collection[tuple[str, int]]) -> str:
    """Return what the line of a source says: also that it only has the name of a member's, where it does."""
    shared = not member and any(other for one, other in known if one == label)
    return f"{label} ({WITHOUT_CODE})" if shared else label


def _whose(label: str, member: int) -> Whose:
    return Whose(unknown=True) if (label, member) == (NO_SOURCE, 0) else Whose(source=label, member=member)


def _of_members(counts: Sequence[Counts]) -> list[Line]:
    """Return one line for each member organization, those that brought nobody yet too."""
    lines = []
    for member in db.session.scalars(members.by_name()):
        numbers = tuple(sum(number for (_, owner), number in count.items() if owner == member.id) for count in counts)
        lines.append(Line(member.name, numbers, Whose(member=member.id)))
    return sorted(lines, key=lambda line: -line.total)


def _weekly(rows: Days, first: date, weeks: int) -> list[int]:
    found = [0] * weeks
    for day, _, number, _ in rows:
        found[min((day - first).days // 7, weeks - 1)] += number
    return found
