"""Counting constituents now and then, so that the pages which tell how many there are need not read all contacts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select

from crm.base import clock
from crm.base.database import insert_into, looking
from crm.base.registries import Constituency, Supporters
from crm.contacts import status
from crm.contacts.constituents.models import ConstituentCount
from crm.contacts.districts import ZIP
from crm.contacts.models import Contact, District, Tag, contact_tag
from crm.extensions import db
from crm.organizations import coalition

ALL = ""
MONTHS = 12
EARLIER = ""
EVERY = timedelta(minutes=10)
COLUMNS = (ConstituentCount.key, ConstituentCount.total, ConstituentCount.neighboring, ConstituentCount.by_month)
CHUNK = 500  # rows of one transaction: some 20 ms on SQLite


@dataclass
class Tally:
    """What is counted of one constituency."""

    total: int = 0
    neighboring: int = 0
    by_month: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, month: str, *, neighboring: bool = False) -> None:
        self.total += number
        self.neighboring += number if neighboring else 0
        if month != EARLIER:
            self.by_month[month] += number

    def row(self, key: str) -> dict[str, Any]:
        """Return the values of the row that keeps it."""
        months = dict(sorted(self.by_month.items()))
        return {"key": key, "total": self.total, "neighboring": self.neighboring, "by_month": months}


def of(whom: Constituency, months: Sequence[date]) -> Supporters:
    """Return how many there were when they were counted last; with one query."""
    query = select(ConstituentCount).where(ConstituentCount.key.in_([ALL, whom.key]))
    found = {row.key: row for row in db.session.scalars(query)}
    if ALL not in found:
        return Supporters(by_month=[0 for _ in months])
    row = found.get(whom.key) or ConstituentCount(total=0, neighboring=0, by_month={})
    by_month = [row.by_month.get(_name(month), 0) for month in months]
    return Supporters(row.total, by_month, row.neighboring, found[ALL].counted_at)


def last_months(today: date, number: int = MONTHS) -> list[date]:
    """Return the first days of the last months, this one included, the oldest first."""
    ordinal = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(ordinal - number + 1, ordinal + 1)]


def count_due() -> int:
    """Count anew where that was never done, or ten minutes ago; returns how many supporters there are, or 0. A job."""
    last = db.session.scalar(select(ConstituentCount.counted_at).where(ConstituentCount.key == ALL))
    return 0 if last and clock.now() - last < EVERY else count_all()


def count_all() -> int:
    """Count the constituents of every state, district and tag; returns how many supporters there are.

    It commits after every 500 rows. The row of all comes last, so that a count which broke off is not taken for whole.
    """
    with looking():
        tallies = _by_place() | _by_tag()
        known = {row.key: row for row in db.session.execute(select(*COLUMNS))}
    rows = [tally.row(key) for key, tally in tallies.items()]
    changed = [row for row in rows if row["key"] == ALL or _differs(row, known.get(row["key"]))]
    for part in _chunks(sorted(set(known) - set(tallies))):
        db.session.execute(delete(ConstituentCount).where(ConstituentCount.key.in_(part)))
        db.session.commit()
    for part in _chunks(sorted(changed, key=lambda row: (row["key"] == ALL, row["key"]))):
        _write(part)
        db.session.commit()
    return tallies[ALL].total


def _by_place() -> dict[str, Tally]:
    places, month = _places(), _month()
    tallies: dict[str, Tally] = defaultdict(Tally)
    query = select(ZIP, Contact.state, month, func.count()).where(status.word() == status.ACTIVE)
    tallies[ALL] = Tally()
    for zip_code, state, name, number in db.session.execute(query.group_by(ZIP, Contact.state, month)):
        tallies[ALL].add(number, name)
        districts = places.get(zip_code, [])
        states = {one.state for one in districts} or ({state} if state else set())
        for one in districts:
            tallies[one.key].add(number, name, neighboring=len(districts) > 1)
        for name_of_state in states:
            tallies[Constituency(name_of_state).key].add(number, name, neighboring=len(states) > 1)
    return dict(tallies)


def _by_tag() -> dict[str, Tally]:
    month = _month()
    tallies: dict[str, Tally] = defaultdict(Tally)
    query = select(Tag.name, month, func.count()).join(contact_tag, contact_tag.c.tag_id == Tag.id)
    query = query.join(Contact, Contact.id == contact_tag.c.contact_id).where(status.word() == status.ACTIVE)
    for tag, name, number in db.session.execute(query.group_by(Tag.name, month)):
        tallies[Constituency(tag=tag).key].add(number, name)
    return dict(tallies)


def _places() -> dict[str, list[Constituency]]:
    found: dict[str, list[Constituency]] = defaultdict(list)
    for zip_code, state, district in db.session.execute(select(District.zip_code, District.state, District.district)):
        found[zip_code].append(Constituency(state, district))
    return found


def _month() -> ColumnElement[str]:
    """Return the month of the confirmation, where the coalition is; what is older than all months has none."""
    months = last_months(coalition.today())
    begins = [(coalition.midnight(month), _name(month)) for month in reversed(months)]
    return case(*((Contact.confirmed_at >= begin, name) for begin, name in begins), else_=EARLIER)


def _name(month: date) -> str:
    return f"{month:%Y-%m}"


def _differs(row: dict[str, Any], known: Any) -> bool:
    return known is None or any(getattr(known, name) != value for name, value in row.items())


def _write(rows: Sequence[dict[str, Any]]) -> None:
    now = clock.now()
    written = insert_into(ConstituentCount).values([{**row, "counted_at": now} for row in rows])
    values = {name: written.excluded[name] for name in ("total", "neighboring", "by_month", "counted_at")}
    db.session.execute(written.on_conflict_do_update(index_elements=["key"], set_=values))


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while part := list(islice(rest, CHUNK)):
        yield part
