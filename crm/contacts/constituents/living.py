"""Who lives in a state or district: by the ZIP code, or where that is in no district, by the state on record."""

from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, not_, or_, select

from crm.base.registries import Constituency, SegmentField
from crm.contacts import status
from crm.contacts.districts import label
from crm.contacts.models import Contact, District
from crm.extensions import db

# As the index has it. What it is compared with is made an expression too: SQLite would not use the index otherwise.
ZIP = func.substr(Contact.zip_code, 1, 5)
HELP = (
    "By the ZIP code on record; where that is in no known district, by the state on record. A ZIP code in several "
    "districts counts for each of them."
)

WHO_COUNTS = (
    "Active supporters, by the ZIP code on record or else the state on record. They are counted every ten minutes."
)


def read(key: str) -> Constituency:
    """Return the state or district that a key like MI or MI-5 names; what is no district is taken for a state."""
    state, _, number = key.strip().rpartition("-")
    if number.isascii() and number.isdigit() and len(number) < 3:
        return Constituency(abbreviation(state), int(number))
    return Constituency(abbreviation(key.strip()))


def abbreviation(state: str) -> str:
    """Return the state as tables have it, e.g. MI for mi; a name that is no abbreviation stays as it is."""
    return state.upper() if len(state) == 2 else state


def lives_in(whom: Constituency) -> ColumnElement[bool]:
    """Return the condition over Contact."""
    if whom.district is not None:
        return ZIP.in_(_zip_codes().where(District.state == whom.state, District.district == whom.district))
    on_record = (Contact.state == whom.state) & (Contact.state != "") & ZIP.not_in(_zip_codes())
    return or_(ZIP.in_(_zip_codes().where(District.state == whom.state)), on_record)


def people_url(whom: Constituency, since: date | None = None) -> str:
    """Return the address of the list of those who count, or of those who confirmed since a day."""
    who: dict[str, Any] = {"tag": whom.tag} if whom.tag else {"lives_in": whom.key}
    return url_for("contacts_staff.index", status=status.ACTIVE, confirmed_from=since, **who)


def _zip_codes() -> Select[Any]:
    return select(District.zip_code.concat(""))


def _condition(test: str, value: str) -> ColumnElement[bool]:
    condition = lives_in(read(value))
    return not_(condition) if test == "is_not" else condition


def _choices() -> list[tuple[str, str]]:
    known = db.session.execute(select(District.state, District.district).distinct()).all()
    on_record = db.session.scalars(select(Contact.state).where(Contact.state != "").distinct())
    states = [(state, state) for state in {*on_record, *(row.state for row in known)}]
    return sorted([*states, *((f"{state}-{number}", label(state, number)) for state, number in known)], key=_in_order)


def _in_order(choice: tuple[str, str]) -> tuple[str, int]:
    state, _, number = choice[0].partition("-")
    return state, int(number) if number.isdigit() else -1


FIELD = SegmentField("Lives in", "choice", _condition, _choices, HELP)
