"""Who lives in a state or district: by the ZIP code, or where that is in no district, by the state on record."""

from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, not_, or_, select

from crm.base.registries import Constituency
from crm.base.segment_fields import SegmentField
from crm.contacts import district_table, status
from crm.contacts.districts import ZIP, label, read, zip_codes
from crm.contacts.models import Contact, District
from crm.extensions import db

HELP = (
    "By the ZIP code on record; where that is in no known district, by the state on record. A ZIP code in several "
    "districts counts for each of them."
)

WHO_COUNTS = (
    "Active supporters, by the ZIP code on record or else the state on record. They are counted every ten minutes."
)


def lives_in(whom: Constituency) -> ColumnElement[bool]:
    """Return the condition over Contact."""
    there = ZIP.in_(zip_codes(whom))
    if whom.district is not None:
        return there
    return or_(there, (Contact.state == whom.state) & (Contact.state != "") & ZIP.not_in(zip_codes()))


def people_url(whom: Constituency, since: date | None = None) -> str:
    """Return the address of the list of those who count, or of those who confirmed since a day."""
    return url_for("contacts_staff.index", status=status.ACTIVE, confirmed_from=since, **filter_of(whom))


def filter_of(whom: Constituency) -> dict[str, Any]:
    """Return the arguments of the list of people that show those of whom it is."""
    return {"tag": whom.tag} if whom.tag else {"lives_in": whom.key}


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


FIELD = SegmentField("Lives in", "choice", _condition, _choices, HELP, district_table.warning)
