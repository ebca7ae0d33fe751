"""Importing which congressional districts a ZIP code lies in, as the Census Bureau's tables say."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from crm.base import audit
from crm.contacts import district_table, districts
from crm.contacts.districts import AT_LARGE, Counts, Place
from crm.extensions import db
from crm.transfer import tabular
from crm.transfer.influencers import BadRows
from crm.transfer.tabular import Refused

# What each column may be called, in lower case.
ZIP_CODE, STATE, DISTRICT = ("zcta", "zcta5", "zip", "zip_code"), ("state_abbr", "state"), ("cd", "district")
STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
)
UNDATED = "Say since when they hold, for example --valid-from 2025-01-03."
DELEGATE = 98  # The Census Bureau's number for a delegate's district, which is always a whole territory.


def run(path: Path, valid_from: date | None = None) -> Counts:
    """Let the districts of the file, valid from that day, replace those on record; commits.

    Raises Refused and BadRows before it does.
    """
    counts = districts.replace(_read(path), valid_from)
    audit.record("import", "district", added=counts.added, removed=counts.removed)
    db.session.commit()
    return counts


def remark() -> str:
    """Return what is to be said of the table that was read: that it is old, or of unknown age; "" for nothing."""
    if warning := district_table.warning():
        return warning
    return "" if district_table.is_dated() else UNDATED


def _read(path: Path) -> set[Place]:
    form = tabular.inspect(path)
    _check_utf_8(path)
    columns = [_column(form.header, names) for names in (ZIP_CODE, STATE, DISTRICT)]
    places, bad = set[Place](), []
    for number, cells in tabular.read(path, form):
        try:
            places.add(_place(*(cells[column] if column < len(cells) else "" for column in columns)))
        except ValueError as error:
            bad.append(f"row {number}: {error}")
    if bad:
        raise BadRows(bad)
    return places


def _check_utf_8(path: Path) -> None:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                raise Refused(f"Row {number} is not in UTF-8. Save the file as “CSV UTF-8” and try again.") from error


def _column(header: Sequence[str], names: Sequence[str]) -> int:
    places = [place for place, cell in enumerate(header) if cell.lower() in names]
    if len(places) != 1:
        given = ", ".join(cell[:40] for cell in header[:20])
        raise Refused(f"One column must be called {' or '.join(names)}. The first row says: {given}.")
    return places[0]


def _place(zip_code: str, state: str, district: str) -> Place:
    if not (len(zip_code) == 5 and zip_code.isascii() and zip_code.isdigit()):
        raise ValueError(f"ZIP code “{zip_code[:40]}” has not five digits; spreadsheets drop leading zeros.")
    if state.upper() not in STATES.split():
        raise ValueError(f"there is no state “{state[:40]}”; give it in two letters, for example CA.")
    if not (0 < len(district) <= 2 and district.isascii() and district.isdigit()):
        raise ValueError(f"district “{district[:40]}” is not a number; give 0 where the state is one district.")
    number = int(district)
    return zip_code, state.upper(), AT_LARGE if number == DELEGATE else number
