"""Whether districts are on record, since when they hold, and whether a newer table is due.

Districts are drawn for the election of a Congress and hold from its first day, January 3 of an odd year (Constitution,
Amendment XX). So a table that is older than the present Congress may be wrong, and the pages that use it say so.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import clock
from crm.base.columns import Id, UtcDateTime
from crm.contacts.models import District
from crm.extensions import Model, db

ONLY = 1
NONE = "No table of districts is on record, so no ZIP code is known. Administrators import one beside the influencers."


class DistrictTable(Model):
    """One row: since when the districts on record hold, where that was told, and when they were read."""

    __tablename__ = "district_table"

    id: Mapped[Id]
    valid_from: Mapped[date | None]
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


def note(valid_from: date | None, *, changed: bool) -> None:
    """Keep since when the table holds that was just read; where that was not told of the same lines, leave it."""
    row = db.session.get(DistrictTable, ONLY)
    if row is None:
        db.session.add(DistrictTable(id=ONLY, valid_from=valid_from, read_at=clock.now()))
    elif valid_from or changed:
        row.valid_from, row.read_at = valid_from, clock.now()


def warning(today: date | None = None) -> str:
    """Return in a sentence what is wrong with the table: there is none, or it is old; "" for nothing."""
    if not is_there():
        return NONE
    return warning_of(db.session.get(DistrictTable, ONLY), today or clock.today())


def warning_of(row: DistrictTable | None, today: date) -> str:
    """Return why a table may be old by now, of a row that was read already; "" where it is not."""
    if row is None:
        return ""
    began = congress_began(today)
    if row.valid_from and row.valid_from > today:
        return f"These districts hold only from {_words(row.valid_from)} on."
    if (row.valid_from or row.read_at.date()) >= began:
        return ""
    age = f"hold since {_words(row.valid_from)}" if row.valid_from else f"were read on {_words(row.read_at.date())}"
    return f"These districts {age}. A Congress began on {_words(began)}; they may have changed. Import a newer table."


def is_there() -> bool:
    """Tell whether the district of any ZIP code is on record."""
    return db.session.scalar(select(District.zip_code).limit(1)) is not None


def is_dated() -> bool:
    """Tell whether it is known since when the districts on record hold."""
    row = db.session.get(DistrictTable, ONLY)
    return row is not None and row.valid_from is not None


def congress_began(today: date) -> date:
    """Return the first day of the Congress of that day."""
    began = date(today.year - (today.year + 1) % 2, 1, 3)
    return began if began <= today else date(began.year - 2, 1, 3)


def _words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
