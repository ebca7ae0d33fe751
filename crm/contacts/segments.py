"""Segments: saved conditions over contacts, kept as data and evaluated when they are used.

A definition is a tree. A group is {"op": "and" | "or", "not": bool, "items": [...]}, a condition is
{"field": name, "test": name, "value": text}; an empty group means everybody. No SQL stands in it:
fields come from the registry of segment fields, tests from the kind of the field.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, true

from crm.base.registries import segment_users
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts.models import Contact, Segment
from crm.extensions import db

YEARS = range(1900, 2201)
MAX_DEPTH, MAX_CONDITIONS, MAX_VALUE = 4, 100, 200
EVERYBODY: dict[str, Any] = {"op": "and", "not": False, "items": []}

# Kind of a field -> its tests, each with the words for it. Those in NO_VALUE need no value.
TESTS: dict[str, dict[str, str]] = {
    "choice": {"is": "is", "is_not": "is not"},
    "text": {
        "contains": "contains",
        "starts": "begins with",
        "is": "is exactly",
        "is_not": "is not",
        "empty": "is empty",
        "filled": "is not empty",
    },
    "date": {
        "since": "on or after",
        "before": "before",
        "last_days": "in the last … days",
        "not_last_days": "not in the last … days",
        "next_days": "in the next … days",
        "older_days": "more than … days ago",
        "this_month": "this month",
        "empty": "never",
        "filled": "at any time",
    },
    "number": {"at_least": "at least", "at_most": "at most", "exactly": "exactly"},
    "flag": {"yes": "yes", "no": "no"},
}
NO_VALUE = frozenset({"empty", "filled", "yes", "no", "this_month"})
MOST_DAYS, MOST_NUMBER = 36_500, 1_000_000
Definition = Mapping[str, Any]


class BadDefinition(ValueError):
    """The definition cannot be evaluated; the message says what is wrong with it."""


def select(definition: Definition) -> Select[int]:
    """Return the query of the ids of the contacts that the definition describes now; raises BadDefinition."""
    return sa.select(Contact.id).where(clause(definition))


def clause(definition: Definition) -> ColumnElement[bool]:
    """Return the condition over Contact that the definition means; raises BadDefinition."""
    check(definition, spare=1)
    return _clause(definition)


def check(definition: Any, *, spare: int = 0) -> None:
    """Raise BadDefinition unless the definition is a group of known fields, tests and values.

    spare: how many groups may stand around a whole segment, as the filters of a list do.
    """
    if not _is_group(definition):
        raise BadDefinition("A segment is a group of conditions.")
    if _check_group(definition, 1 - spare) > MAX_CONDITIONS * (1 + spare):
        raise BadDefinition(f"A segment may have {MAX_CONDITIONS} conditions.")


def count(definition: Definition) -> int:
    """Return how many contacts the definition describes now; raises BadDefinition."""
    return db.session.scalar(sa.select(func.count()).select_from(Contact).where(clause(definition))) or 0


def sample(definition: Definition, size: int = 5) -> Sequence[Contact]:
    """Return some of these contacts, the newest first; raises BadDefinition."""
    query = sa.select(Contact).where(clause(definition)).order_by(Contact.created_at.desc(), Contact.id.desc())
    return db.session.scalars(query.limit(size)).all()


def describe(definition: Definition) -> str:
    """Return the definition in words; conditions whose field or value is gone are named as they stand."""
    words = [_describe(item) for item in definition.get("items", [])]
    joined = (" and " if definition.get("op") == "and" else " or ").join(words) or "everybody"
    return f"not ({joined})" if definition.get("not") else joined


def named(name: str) -> Segment | None:
    """Return the segment of that name."""
    return db.session.scalar(sa.select(Segment).where(Segment.name == name))


def everything() -> Sequence[Segment]:
    """Return all segments by name."""
    return db.session.scalars(sa.select(Segment).order_by(Segment.name)).all()


def users(segment: Segment) -> list[tuple[str, str]]:
    """Return (label, address of the page) of everything that needs the segment."""
    return [user for users_of in segment_users for user in users_of(segment.id)]


def naming(field: str, value: str | None = None) -> list[Segment]:
    """Return the segments with a condition on that field, and on that value of it where one is given, by name."""
    return [segment for segment in everything() if _names(segment.definition, field, value)]


def field_of(name: str) -> SegmentField:
    """Return the field; raises BadDefinition where no room offers it."""
    field = segment_fields.get(name)
    if field is None:
        raise BadDefinition(f"There is no field “{name}” any more. Remove this condition.")
    return field


def check_condition(field: str, test: str, value: str) -> None:
    """Raise BadDefinition unless the condition can be evaluated."""
    found = field_of(field)
    if test not in TESTS[found.kind]:
        raise BadDefinition(f"{found.label}: choose how to compare.")
    if test in NO_VALUE:
        return
    if not value:
        raise BadDefinition(f"{found.label}: say what to compare with.")
    if len(value) > MAX_VALUE:
        raise BadDefinition(f"{found.label}: the value is longer than {MAX_VALUE} characters.")
    if "\0" in value:
        raise BadDefinition(f"{found.label}: the value holds a sign that no text can hold. Write it anew.")
    if found.kind == "date":
        _check_date(found, test, value)
    if found.kind == "number" and not _is_number(value, MOST_NUMBER):
        raise BadDefinition(f"{found.label}: write a whole number, for example 3.")


def _check_date(field: SegmentField, test: str, value: str) -> None:
    if test.endswith("_days"):
        if not _is_number(value, MOST_DAYS):
            raise BadDefinition(f"{field.label}: write a number of days, for example 30.")
        return
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise BadDefinition(f"{field.label}: write the date like 2026-03-31.") from error
    if day.year not in YEARS:  # Near the ends of the calendar, midnight somewhere is no date in UTC.
        raise BadDefinition(f"{field.label}: choose a year from {YEARS[0]} to {YEARS[-1]}.")


def _is_number(value: str, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= most


def _check_group(group: Mapping[str, Any], depth: int) -> int:
    """Return the number of conditions in the group."""
    if depth > MAX_DEPTH:
        raise BadDefinition(f"Groups may stand in each other {MAX_DEPTH} deep.")
    if group["op"] not in ("and", "or"):
        raise BadDefinition("A group joins its conditions by “and” or by “or”.")
    total = 0
    for item in group["items"]:
        if _is_group(item):
            total += _check_group(item, depth + 1)
        elif isinstance(item, Mapping):
            check_condition(*(_text(item.get(part, "")) for part in ("field", "test", "value")))
            total += 1
        else:
            raise BadDefinition("A condition has a field, a test and a value.")
    return total


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadDefinition("Field, test and value of a condition are text.")
    return value


def _is_group(item: Any) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("op"), str) and isinstance(item.get("items"), list)


def _clause(group: Definition) -> ColumnElement[bool]:
    parts = [_clause(item) if _is_group(item) else _condition(item) for item in group["items"]]
    joined: ColumnElement[bool] = true()
    if parts:
        joined = and_(*parts) if group["op"] == "and" else or_(*parts)
    # What a field leaves unknown (NULL) is not so: turned around, it is so.
    return not_(func.coalesce(joined, false())) if group.get("not") else joined


def _condition(item: Definition) -> ColumnElement[bool]:
    found: ColumnElement[bool] = field_of(item["field"]).condition(item["test"], item.get("value", ""))
    return found


def _names(group: Definition, field: str, value: str | None) -> bool:
    for item in group["items"]:
        if _is_group(item):
            if _names(item, field, value):
                return True
        elif item.get("field") == field and value in (None, item.get("value")):
            return True
    return False


def _describe(item: Definition) -> str:
    if _is_group(item):
        return f"({describe(item)})"
    field = segment_fields.get(item["field"])
    if field is None:
        return f"{item['field']} (no longer known)"
    test, value = str(TESTS[field.kind].get(item["test"], item["test"])), str(item.get("value", ""))
    if item["test"] in NO_VALUE:
        return f"{field.label} {test}"
    if field.kind == "number":
        return f"{field.label} {test} {value}"
    if field.choices:
        value = field.called(value) or value
    return f"{field.label} {test.replace('…', value)}" if "…" in test else f"{field.label} {test} “{value}”"
