"""The report and the asks behind it, as CSV and as spreadsheets: the same rows in both."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import tables
from crm.base.changes import plain
from crm.base.sheets import Sheet
from crm.extensions import db
from crm.influencers import ledger
from crm.influencers.asks import CATEGORIES, LOBBYING, STATES, UNITS
from crm.influencers.models import Ask
from crm.influencers.reporting.figures import Gain, Line, Report

BATCH = 500
GAINS = ("table", "category", "unit", "asks", "agreed", "delivered")
AGES = ("table", "age", "open_asks")
FIGURES = ("table", "row", "asks", *STATES, "overdue", "win_rate_percent", "median_days_to_agreement")
HEADER = (
    "id",
    "ask",
    "influencer",
    "organization",
    "category",
    "state",
    "since",
    "due",
    "owner",
    "campaign",
    "value",
    "unit",
    "lobbying",
    "bill",
    "paid_by",
    "hours",
    "cost_usd",
    "outcome",
    "evidence",
    "created",
)
WIDTHS = {"id": 8, "ask": 44, "influencer": 26, "organization": 30, "outcome": 44, "evidence": 30, "owner": 22}
WIDTHS |= {"since": 18, "created": 18, "campaign": 26, "bill": 22, "paid_by": 26}
NO_WIDTHS: Mapping[str, int] = {}


def figures(report: Report) -> Iterator[str]:
    """Yield the lines of a CSV file of the figures, formula-safe: a table under the other, named in its first cell."""
    yield from tables.csv_lines(FIGURES, _figures(report))
    yield "\r\n"
    yield from tables.csv_lines(GAINS, ([plain(cell) for cell in _gain(gain)] for gain in report.gains))
    yield "\r\n"
    yield from tables.csv_lines(AGES, _ages(report))


def asks(wanted: Mapping[str, str], today: date, user: User | None) -> Iterator[str]:
    """Yield the lines of a CSV file of the asks that match and that the user sees, formula-safe."""
    yield from tables.csv_lines(HEADER, ([_told(cell) for cell in row] for row in _asks(wanted, today, user)))


def figure_sheets(report: Report) -> list[Sheet]:
    """Return the sheets of the figures: what became of asks, what was won, how old open ones are."""
    return [
        Sheet("Asks", _wide(FIGURES, {"row": 28}), _figures(report)),
        Sheet("Won", _wide(GAINS), map(_gain, report.gains)),
        Sheet("Age", _wide(AGES), _ages(report)),
    ]


def ask_sheets(wanted: Mapping[str, str], today: date, user: User | None) -> list[Sheet]:
    """Return the sheet of the asks that match and that the user sees."""
    return [Sheet("Asks", _wide(HEADER, WIDTHS), _asks(wanted, today, user))]


def _wide(names: Sequence[str], widths: Mapping[str, int] = NO_WIDTHS) -> list[tuple[str, int]]:
    return [(name, widths.get(name, max(12, len(name) + 2))) for name in names]


def _asks(wanted: Mapping[str, str], today: date, user: User | None) -> Iterator[list[object]]:
    query = ledger.find(wanted, today, user=user).options(joinedload(Ask.paid_by)).execution_options(yield_per=BATCH)
    for ask in db.session.scalars(query):
        yield _row(ask)


def _told(cell: object) -> object:
    return cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else plain(cell)


def _figures(report: Report) -> Iterator[list[object]]:
    yield _line("all", report.total)
    yield from (_line("category", line) for line in report.categories)
    yield from (_line("owner", line) for line in report.owners)


def _line(table: str, line: Line) -> list[object]:
    counts = [line.states.get(state, 0) for state in STATES]
    return [table, line.label, line.asked, *counts, line.overdue, line.win_rate, line.median_days]


def _gain(gain: Gain) -> list[object]:
    unit = UNITS.get(gain.unit, "no value given")
    return ["won", CATEGORIES[gain.category], unit, gain.asks, gain.agreed, gain.delivered]


def _ages(report: Report) -> Iterator[list[object]]:
    yield from (["age", label, number] for label, number in report.ages)


def _row(ask: Ask) -> list[object]:
    return [
        ask.id,
        ask.title,
        ask.influencer.name,
        ask.influencer.contact.organization_name,
        CATEGORIES[ask.category],
        STATES[ask.state],
        ask.state_since,
        ask.due_on,
        ask.owner.name if ask.owner else "",
        ask.campaign.name if ask.campaign else "",
        ask.value,
        UNITS.get(ask.unit, ""),
        LOBBYING.get(ask.lobbying, ""),
        ask.bill,
        ask.paid_by.name if ask.paid_by else "",
        ask.hours,
        ask.cost,
        ask.outcome,
        ask.evidence_url,
        ask.created_at,
    ]
