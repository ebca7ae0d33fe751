"""The tables of a report as files: each a sheet of a spreadsheet, or one under the other as CSV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from crm.base import tables
from crm.base.sheets import Sheet
from crm.extensions import db
from crm.mailings.models import KINDS, Mailing
from crm.mailings.report import acts, averages, breakdowns, growth, hours, origins, yearly
from crm.mailings.report.breakdowns import Row
from crm.mailings.report.people import Report
from crm.mailings.report.yearly import Wanted

WIDE, NUMBER, LINK = 30, 14, 60
PEOPLE = ("delivered", "clicked", "clicks", "acted", "unsubscribed", "bounced", "complained")
NUMBERS = ("tried", *yearly.COLUMNS, "clicks", "acts", "held")


def of(mailing: Mailing, report: Report) -> list[Sheet]:
    """Return the tables of the report of a mailing."""
    places = acts.people_by_place(mailing)
    versions = breakdowns.by_version(mailing, report, places)
    return [
        _sheet("People", ["people", "times", "of a hundred", "usual"], _people(mailing, report)),
        _sheet("Languages", PEOPLE, _texts(breakdowns.by_language(mailing, report, places))),
        *([_sheet("Versions", PEOPLE, _texts(versions))] if versions else []),
        _sheet("Links", ["position", "people", "clicks", "robots", "known by name", "acted"], _links(report, places)),
        _sheet("Sources", ["kind", "delivered", "clicked, known", "acted", "unsubscribed"], _sources(mailing)),
        *_hours(mailing, report),
        _sheet("Growth", [*growth.WAYS], ([day, *numbers] for day, numbers in report.growth.by_day())),
        _sheet("Goals", ["from this mailing", "counted", "target"], _goals(mailing, report)),
    ]


def of_year(asked: Wanted) -> list[Sheet]:
    """Return the table of the mailings of a year, with all their numbers."""
    heads = ["kind", "campaign", "went out", *NUMBERS, "counted at"]
    return [_sheet(f"Mailings {asked.year}", heads, _mailings(asked))]


def lines(found: Iterable[Sheet]) -> Iterator[str]:
    """Yield the lines of a CSV file of these tables, formula-safe, each with its name in the first cell."""
    for number, sheet in enumerate(found):
        if number:
            yield "\r\n"
        yield from tables.csv_lines([head for head, _ in sheet.columns], sheet.rows)


def _sheet(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Sheet:
    return Sheet(name, [(name, LINK if name == "Links" else WIDE), *((head, NUMBER) for head in heads)], rows)


def _people(mailing: Mailing, report: Report) -> Iterator[list[Any]]:
    usual = averages.of(mailing).medians
    for line in report.lines():
        yield [line.label, line.people, line.times, _round(line.rate), _round(usual.get(line.name))]


def _texts(rows: Iterable[Row]) -> Iterator[list[Any]]:
    yield from ([row.label, *(asdict(row)[name] for name in PEOPLE)] for row in rows)


def _links(report: Report, places: breakdowns.People) -> Iterator[list[Any]]:
    for row in breakdowns.by_link(report, places):
        it = row.clicks
        yield [it.url, it.number, it.visitors, it.clicks, it.robots, it.known, row.acted]


def _sources(mailing: Mailing) -> Iterator[list[Any]]:
    for row in origins.of(mailing):
        numbers = [row.numbers[name] for name in ("clicked", "acted", "unsubscribed")]
        yield [row.label, row.kind, row.delivered, *numbers]


def _hours(mailing: Mailing, report: Report) -> Iterator[Sheet]:
    found = {"Hours of the day": hours.of_the_day(report.clicks, mailing.released_at)}
    first_day, days = hours.since_it_came(mailing, report.clicks)
    if mailing.released_at is None:
        for name, spans in (("Hours since the own copy", first_day), ("Days since the own copy", days)):
            yield _sheet(name, ["people known by name"], [[span.label, span.people] for span in spans])
    else:
        found = {"First day": first_day, "Days": days, **found}
    for name, spans in found.items():
        yield _sheet(name, ["people", "clicks"], [[span.label, span.people, span.clicks] for span in spans])


def _goals(mailing: Mailing, report: Report) -> Iterator[list[Any]]:
    for part in growth.toward_goals(mailing, report.growth):
        yield [part.goal.title, part.number, part.counted, part.goal.target]


def _mailings(asked: Wanted) -> Iterator[list[Any]]:
    found = db.session.scalars(yearly.query(asked)).all()
    figures = yearly.figures([mailing.id for mailing in found])
    for mailing in found:
        row = figures.get(mailing.id)
        numbers = [getattr(row, name) for name in NUMBERS] if row else [None] * len(NUMBERS)
        facts = [mailing.subject, KINDS[mailing.kind], mailing.campaign.name if mailing.campaign else ""]
        yield [*facts, mailing.released_at, *numbers, row.counted_at if row else None]


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
