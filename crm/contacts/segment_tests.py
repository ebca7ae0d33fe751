"""How the tests of segments become conditions: over a column of a contact, and over rows that name the contact.

No condition is unknown (NULL), so that a group that is turned around finds everybody else. A select of rows gives the
id of the contact first, which must not be NULL.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from crm.base import clock
from crm.contacts.models import Contact
from crm.extensions import db
from crm.organizations import coalition

Condition = Callable[[str, str], ColumnElement[bool]]
Span = tuple[Any, Any]
"""From when (included) and until when (not included); None: no bound."""


def choice(column: InstrumentedAttribute[str]) -> Condition:
    """Return the condition of a column that holds one of some words."""
    return lambda test, value: column != value if test == "is_not" else column == value


def text(column: ColumnElement[str] | InstrumentedAttribute[str]) -> Condition:
    """Return the condition of a column of text; upper and lower case are the same."""

    def condition(test: str, value: str) -> ColumnElement[bool]:
        tests: dict[str, Callable[[], ColumnElement[bool]]] = {
            "contains": lambda: column.icontains(value, autoescape=True),
            "starts": lambda: column.istartswith(value, autoescape=True),
            "is": lambda: _same(column, value),
            "is_not": lambda: not_(_same(column, value)),
            "empty": lambda: column == "",
            "filled": lambda: column != "",
        }
        return tests[test]()

    return condition


def flag(condition: Callable[[], ColumnElement[bool]]) -> Condition:
    """Return the condition of what a contact is or is not."""
    return lambda test, _value: condition() if test == "yes" else not_(condition())


def moment(column: InstrumentedAttribute[Any]) -> Condition:
    """Return the condition of a column of moments; dates begin at midnight in the zone of the coalition."""

    def condition(test: str, value: str) -> ColumnElement[bool]:
        # An unknown moment is neither before nor after: false, where SQL would say unknown and break NOT groups.
        known = column.is_not(None)
        if test in ("empty", "filled"):
            return known if test == "filled" else column.is_(None)
        if test == "not_last_days":
            return not_(condition("last_days", value))
        return and_(known, *within(column, span(test, value)))

    return condition


def within(column: Any, bounds: Span) -> list[ColumnElement[bool]]:
    """Return the conditions that what stands in the column lies between the bounds."""
    first, end = bounds
    return ([] if first is None else [column >= first]) + ([] if end is None else [column < end])


def of_rows(rows: Select[Any], column: Any, spans: Callable[[str, str], Span]) -> Condition:
    """Return the condition that one of the contact's rows lies in the span, e.g. an ask that is due."""

    def condition(test: str, value: str) -> ColumnElement[bool]:
        dated = rows.where(column.is_not(None))
        if test in ("empty", "filled"):
            return among(dated, test == "filled")
        if test == "not_last_days":
            return among(dated.where(*within(column, spans("last_days", value))), False)
        return among(dated.where(*within(column, spans(test, value))))

    return condition


def of_last_row(rows: Select[Any], column: Any) -> Condition:
    """Return the condition over the latest of the contact's rows, e.g. the last mailing that they got."""
    any_row = of_rows(rows, column, span)

    def condition(test: str, value: str) -> ColumnElement[bool]:
        if test in ("before", "older_days"):
            return any_row(test, value) & among(rows.where(column >= span(test, value)[1]), False)
        return any_row(test, value)

    return condition


def of_number(rows: Select[Any]) -> Condition:
    """Return the condition over how many rows the contact has."""
    return number(lambda least: among(rows.group_by(rows.selected_columns[0]).having(func.count() >= least)))


def number(at_least: Callable[[int], ColumnElement[bool]]) -> Condition:
    """Return the condition of what is counted, by the condition that there are so many or more; 0 always are."""

    def reaches(least: int) -> ColumnElement[bool]:
        return at_least(least) if least > 0 else true()

    def condition(test: str, value: str) -> ColumnElement[bool]:
        wanted = int(value)
        if test == "at_least":
            return reaches(wanted)
        fewer_than_more = not_(at_least(wanted + 1))
        return fewer_than_more if test == "at_most" else and_(reaches(wanted), fewer_than_more)

    return condition


def among(ids: Select[Any], inside: bool = True) -> ColumnElement[bool]:
    """Return the condition that the contact is one of those, or is none of them.

    PostgreSQL compares each contact with the whole list where that is too long for its memory, unless it can join;
    SQLite makes an index of the list, once.
    """
    if db.engine.dialect.name != "postgresql":
        return Contact.id.in_(ids) if inside else Contact.id.not_in(ids)
    these = ids.subquery()
    found = select(these.c[0]).where(these.c[0] == Contact.id).correlate(Contact).exists()
    return found if inside else ~found


def is_or_not(ids: Select[Any], test: str) -> ColumnElement[bool]:
    """Return the condition of a choice: the contact is one of those, or, where the test is “is not”, none of them."""
    return among(ids, test != "is_not")


def span(test: str, value: str) -> Span:
    """Return the moments that a test of a date means; days that are counted are of 24 hours, until or from now."""
    now = clock.now()
    if test.endswith("_days"):
        days = timedelta(days=int(value))
        soon = now + timedelta(microseconds=1)
        return {"last_days": (now - days, soon), "next_days": (now, now + days), "older_days": (None, now - days)}[test]
    first, end = day_span(test, value)
    return first and coalition.midnight(first), end and coalition.midnight(end)


def day_span(test: str, value: str) -> Span:
    """Return the days that a test of a date means, today as the coalition's clocks have it."""
    today = coalition.today()
    if test == "this_month":
        first = today.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    if test.endswith("_days"):
        days, tomorrow = timedelta(days=int(value)), today + timedelta(days=1)
        spans = {"last_days": (today - days, tomorrow), "next_days": (today, tomorrow + days)}
        return spans.get(test, (None, today - days))
    day = date.fromisoformat(value)
    return (day, None) if test == "since" else (None, day)


def _same(column: ColumnElement[str] | InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    return column.ilike(value.replace("/", "//").replace("%", "/%").replace("_", "/_"), escape="/")
