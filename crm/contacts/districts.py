"""Congressional districts by ZIP code, as imported; a ZIP code may lie in several."""

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, delete, func, select, tuple_

from crm.base import clock
from crm.base.database import insert_into, reading
from crm.base.registries import SegmentField
from crm.contacts import district_table
from crm.contacts.district_table import ONLY, DistrictTable
from crm.contacts.models import Contact, District
from crm.extensions import db

AT_LARGE = 0
CHUNK = 1000  # rows of one transaction: under 30 ms on SQLite
KEY = (District.zip_code, District.state, District.district)
HELP = (
    "By the ZIP code on record, with what “crm import districts” last read. A ZIP code in several districts counts "
    "for each of them."
)

Place = tuple[str, str, int]
"""ZIP code, state and number of the district; 0 where the state is one district."""


@dataclass(frozen=True)
class Counts:
    """What an import changed."""

    added: int
    removed: int
    unchanged: int

    def __str__(self) -> str:
        return f"Districts of ZIP codes: {self.added} added, {self.removed} removed, {self.unchanged} unchanged"


def replace(places: Collection[Place], valid_from: date | None = None) -> Counts:
    """Let exactly these stand, valid from that day on, and return what that changed; commits after every 1,000.

    What is new comes before what is old goes, so that nobody is without a district meanwhile.
    """
    wanted = set(places)
    with reading():
        known = {(row.zip_code, row.state, row.district) for row in db.session.execute(select(*KEY))}
        db.session.rollback()
    for part in _chunks(wanted - known):
        rows = [dict(zip(("zip_code", "state", "district"), place, strict=True)) for place in part]
        db.session.execute(insert_into(District).on_conflict_do_nothing(), rows)
        db.session.commit()
    for part in _chunks(known - wanted):
        db.session.execute(delete(District).where(tuple_(*KEY).in_(part)))
        db.session.commit()
    district_table.note(valid_from, changed=wanted != known)
    db.session.commit()
    return Counts(len(wanted - known), len(known - wanted), len(wanted & known))


def words(zip_code: str) -> str:
    """Return the district of a ZIP code in words, e.g. “may be CA-11 or CA-12”; "" where none is known."""
    return told(zip_code)[0]


def told(zip_code: str) -> tuple[str, str]:
    """Return the district of a ZIP code in words, and why that may be wrong by now; "" for nothing of either."""
    query = select(District.state, District.district, DistrictTable).outerjoin(DistrictTable, DistrictTable.id == ONLY)
    query = query.where(District.zip_code == zip_code[:5]).order_by(District.state, District.district)
    rows = db.session.execute(query).all()
    found = [label(state, district) for state, district, _ in rows]
    said = f"may be {' or '.join(found)}" if len(found) > 1 else "".join(found)
    return said, district_table.warning_of(rows[0][2], clock.today()) if rows else ""


def label(state: str, district: int) -> str:
    """Return the district in short, e.g. CA-12, or AK at large."""
    return f"{state} at large" if district == AT_LARGE else f"{state}-{district}"


def _condition(test: str, value: str) -> ColumnElement[bool]:
    state, _, number = value.partition("-")
    number = number if number.isascii() and number.isdigit() and len(number) < 3 else "-1"
    # An expression, as what it is compared with: SQLite would not use the index of that otherwise.
    zip_codes = select(District.zip_code.concat("")).where(District.state == state, District.district == int(number))
    zip_code = func.substr(Contact.zip_code, 1, 5)
    return zip_code.not_in(zip_codes) if test == "is_not" else zip_code.in_(zip_codes)


def _choices() -> list[tuple[str, str]]:
    known = db.session.execute(select(*KEY[1:]).distinct().order_by(*KEY[1:]))
    return [(f"{row.state}-{row.district}", label(*row)) for row in known]


def _chunks(places: Iterable[Place]) -> Iterator[list[Place]]:
    rest = iter(sorted(places))
    while part := list(itertools.islice(rest, CHUNK)):
        yield part


FIELD = SegmentField("Congressional district", "choice", _condition, _choices, HELP, district_table.warning)
