"""Congressional districts by ZIP code, as imported; a ZIP code may lie in several."""

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, not_, select, tuple_

from crm.base import clock
from crm.base.database import insert_into, reading
from crm.base.registries import Constituency
from crm.base.segment_fields import SegmentField
from crm.contacts import district_table
from crm.contacts.district_table import ONLY, DistrictTable
from crm.contacts.models import Contact, District
from crm.extensions import db

AT_LARGE = 0
CHUNK = 1000  # rows of one transaction: under 30 ms on SQLite
ZIP = func.substr(Contact.zip_code, 1, 5)  # As the index has it.
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


def read(key: str) -> Constituency:
    """Return the state or district that a key like MI or MI-5 names; what is no district is taken for a state."""
    state, _, number = key.strip().rpartition("-")
    if number.isascii() and number.isdigit() and len(number) < 3:
        return Constituency(abbreviation(state), int(number))
    return Constituency(abbreviation(key.strip()))


def abbreviation(state: str) -> str:
    """Return the state as tables have it, e.g. MI for mi; a name that is no abbreviation stays as it is."""
    return state.upper() if len(state) == 2 else state


def zip_codes(whom: Constituency | None = None) -> Select[Any]:
    """Return the select of the ZIP codes of a state or district, or of all that are in some district."""
    # An expression, as ZIP is: SQLite would not use the index of that otherwise.
    query = select(District.zip_code.concat(""))
    if whom is not None:
        query = query.where(District.state == whom.state)
    return query if whom is None or whom.district is None else query.where(District.district == whom.district)


def _condition(test: str, value: str) -> ColumnElement[bool]:
    condition = ZIP.in_(zip_codes(read(value)))
    return not_(condition) if test == "is_not" else condition


def _choices() -> list[tuple[str, str]]:
    known = db.session.execute(select(*KEY[1:]).distinct().order_by(*KEY[1:]))
    return [(f"{row.state}-{row.district}", label(*row)) for row in known]


def _chunks(places: Iterable[Place]) -> Iterator[list[Place]]:
    rest = iter(sorted(places))
    while part := list(itertools.islice(rest, CHUNK)):
        yield part


FIELD = SegmentField("Congressional district", "choice", _condition, _choices, HELP, district_table.warning)
