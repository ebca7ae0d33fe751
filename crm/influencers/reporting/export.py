"""The report and the asks behind it, as CSV."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import tables
from crm.base.changes import plain
from crm.extensions import db
from crm.influencers import ledger
from crm.influencers.asks import CATEGORIES, LOBBYING, STATES, UNITS
from crm.influencers.models import Ask
from crm.influencers.reporting.figures import Gain, Line, Report

BATCH = 500
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


def figures(report: Report) -> Iterator[str]:
    """Yield the lines of a CSV file of the figures, formula-safe: a table under the other, named in its first cell."""
    yield from tables.csv_lines(FIGURES, _figures(report))
    yield "\r\n"
    yield from tables.csv_lines(("table", "category", "unit", "asks", "agreed", "delivered"), map(_gain, report.gains))
    yield "\r\n"
    yield from tables.csv_lines(("table", "age", "open_asks"), [("age", label, n) for label, n in report.ages])


def asks(wanted: Mapping[str, str], today: date, user: User | None) -> Iterator[str]:
    """Yield the lines of a CSV file of the asks that match and that the user sees, formula-safe."""
    query = ledger.find(wanted, today, user=user).options(joinedload(Ask.paid_by)).execution_options(yield_per=BATCH)
    yield from tables.csv_lines(HEADER, (_row(ask) for ask in db.session.scalars(query)))


def _figures(report: Report) -> Iterator[list[object]]:
    yield _line("all", report.total)
    yield from (_line("category", line) for line in report.categories)
    yield from (_line("owner", line) for line in report.owners)


def _line(table: str, line: Line) -> list[object]:
    counts = [line.states.get(state, 0) for state in STATES]
    return [table, line.label, line.asked, *counts, line.overdue, line.win_rate, line.median_days]


def _gain(gain: Gain) -> list[object]:
    unit = UNITS.get(gain.unit, "no value given")
    return ["won", CATEGORIES[gain.category], unit, gain.asks, plain(gain.agreed), plain(gain.delivered)]


def _row(ask: Ask) -> list[object]:
    return [
        ask.id,
        ask.title,
        ask.influencer.name,
        ask.influencer.contact.organization_name,
        CATEGORIES[ask.category],
        STATES[ask.state],
        ask.state_since.isoformat(timespec="seconds"),
        plain(ask.due_on),
        ask.owner.name if ask.owner else "",
        ask.campaign.name if ask.campaign else "",
        plain(ask.value),
        UNITS.get(ask.unit, ""),
        LOBBYING.get(ask.lobbying, ""),
        ask.bill,
        ask.paid_by.name if ask.paid_by else "",
        plain(ask.hours),
        plain(ask.cost),
        ask.outcome,
        ask.evidence_url,
        ask.created_at.isoformat(timespec="seconds"),
    ]
