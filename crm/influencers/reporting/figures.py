"""The figures of the report: counts, win rate and time to agreement, by category and owner; ages; what was won."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import Select, case, func, select

from crm.accounts.models import User
from crm.base import clock
from crm.extensions import db
from crm.influencers import ledger
from crm.influencers.asks import CATEGORIES, OPEN, UNITS
from crm.influencers.models import Ask, AskChange

WON = ("agreed", "delivered")
# Open asks by how many days ago they were planned: up to so many, and what to call that.
AGES = ((30, "Up to 30 days"), (90, "31 to 90 days"), (180, "91 to 180 days"), (None, "Over 180 days"))
NOBODY = "Nobody"


@dataclass
class Line:
    """What became of some asks: how many are in each state, how many are overdue, days that each agreement took."""

    label: str
    key: str = ""
    states: dict[str, int] = field(default_factory=dict)
    overdue: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        """Planned or made: nothing is decided yet."""
        return self.states.get("planned", 0) + self.states.get("made", 0)

    @property
    def won(self) -> int:
        return sum(self.states.get(state, 0) for state in WON)

    @property
    def win_rate(self) -> int | None:
        """Of those that were answered, the share that was won, in percent; None where none was answered."""
        answered = self.won + self.states.get("declined", 0)
        return round(100 * self.won / answered) if answered else None

    @property
    def median_days(self) -> int | None:
        """Half of the agreements took no longer, from the day when the ask was made."""
        return round(median(self.days)) if self.days else None


@dataclass
class Gain:
    """What was won in one category and unit; asks without a value are only counted."""

    category: str
    unit: str
    agreed: Decimal = Decimal(0)
    delivered: Decimal = Decimal(0)
    asks: int = 0


@dataclass(frozen=True)
class Report:
    """All figures; the lines of categories and owners hold the same asks."""

    total: Line
    categories: list[Line]
    owners: list[Line]
    ages: list[tuple[str, int]]
    gains: list[Gain]


def collect(wanted: Mapping[str, str], today: date, user: User | None) -> Report:
    """Return the figures of the asks that match and that the user sees."""
    chosen = ledger.matching(wanted, today, user)
    total = Line("All asks")
    of_owner: dict[int | None, Line] = {}
    of_category: dict[Hashable, Line] = {key: Line(label, key) for key, label in CATEGORIES.items()}
    for add, rows in ((_count, _counted(chosen, today)), (_time, _agreements(chosen))):
        for row in rows:
            owner = of_owner.setdefault(row.owner_id, Line(NOBODY, str(row.owner_id or "")))
            for line in (total, of_category[row.category], owner):
                add(line, row)
    _name(of_owner)
    owners = sorted(of_owner.values(), key=lambda line: (-line.asked, line.label.lower()))
    return Report(total, list(of_category.values()), owners, _ages(chosen), _gains(chosen))


def _counted(chosen: Select[Any], today: date) -> list[Any]:
    late = case((Ask.state.in_(OPEN) & (Ask.due_on < today), 1), else_=0)
    by = (Ask.category, Ask.owner_id, Ask.state)
    query = chosen.with_only_columns(*by, func.count().label("number"), func.sum(late).label("late"))
    return list(db.session.execute(query.group_by(*by)))


def _count(line: Line, row: Any) -> None:
    line.states[row.state] = line.states.get(row.state, 0) + row.number
    line.overdue += row.late


def _agreements(chosen: Select[Any]) -> list[Any]:
    """Return of each ask that is won when it was first made, and when first agreed to."""
    made, agreed = (func.min(AskChange.at).filter(AskChange.new_state == state) for state in ("made", "agreed"))
    query = chosen.with_only_columns(Ask.category, Ask.owner_id, made.label("made_at"), agreed.label("agreed_at"))
    query = query.join(AskChange, AskChange.ask_id == Ask.id).where(Ask.state.in_(WON))
    return list(db.session.execute(query.group_by(Ask.id, Ask.category, Ask.owner_id)))


def _time(line: Line, row: Any) -> None:
    if row.made_at and row.agreed_at:
        line.days.append(max(0, (row.agreed_at - row.made_at).days))


def _name(of_owner: Mapping[int | None, Line]) -> None:
    for number, name in db.session.execute(select(User.id, User.name).where(User.id.in_(filter(None, of_owner)))):
        of_owner[number].label = name


def _ages(chosen: Select[Any]) -> list[tuple[str, int]]:
    now = clock.now()
    bounds = [(Ask.created_at > now - timedelta(days=days + 1), label) for days, label in AGES if days]
    age = case(*bounds, else_=AGES[-1][1]).label("age")
    query = chosen.with_only_columns(age, func.count().label("number")).where(Ask.state.in_(OPEN)).group_by(age)
    found = {row.age: row.number for row in db.session.execute(query)}
    return [(label, found.get(label, 0)) for _, label in AGES]


def _gains(chosen: Select[Any]) -> list[Gain]:
    by = (Ask.category, Ask.unit, Ask.state)
    query = chosen.with_only_columns(*by, func.count().label("number"), func.sum(Ask.value).label("value"))
    query = query.where(Ask.state.in_(WON)).group_by(*by)
    gains: dict[tuple[str, str], Gain] = {}
    for row in db.session.execute(query):
        gain = gains.setdefault((row.category, row.unit), Gain(row.category, row.unit))
        gain.asks += row.number
        setattr(gain, row.state, getattr(gain, row.state) + (row.value or 0))
    places = {key: place for place, key in enumerate([*CATEGORIES, *UNITS, ""])}
    return sorted(gains.values(), key=lambda gain: (places[gain.category], places.get(gain.unit, 99)))
