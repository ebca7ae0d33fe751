"""The list of people: its filters become a segment's definition, so that what is seen can be saved and reused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, nulls_last, select
from sqlalchemy.orm import joinedload, selectinload

from crm.base.database import reading
from crm.base.forms import row_number
from crm.base.registries import segment_fields
from crm.contacts import segments, status
from crm.contacts.models import Contact, Segment
from crm.contacts.segments import BadDefinition, Definition
from crm.contacts.status import Status
from crm.extensions import db

# Name in the address of the page -> field and test of a segment.
FILTERS = {
    "q": ("anything", "contains"),
    "status": ("status", "is"),
    "topic": ("topic", "is"),
    "tag": ("tag", "is"),
    "source": ("source", "is"),
    "source_kind": ("source_kind", "is"),
    "utm_content": ("utm_content", "is"),
    "language": ("language", "is"),
    "state": ("state", "is"),
    "zip": ("zip", "starts"),
    "lives_in": ("lives_in", "is"),
    "provider": ("provider", "is"),
    "resting": ("resting", "yes"),
    "answered": ("answered", "is"),
    "shares_with": ("shares_with", "is"),
    "form": ("signup_form", "is"),
    "added_from": ("added", "since"),
    "added_before": ("added", "before"),
    "confirmed_from": ("confirmed", "since"),
    "confirmed_before": ("confirmed", "before"),
    "signed_from": ("last_signed", "since"),
    "wrote_from": ("last_wrote", "since"),
    "called_from": ("last_called", "since"),
    "registered_from": ("event_last_registered", "since"),
}
SORTS: dict[str, Sequence[ColumnElement[Any] | Any]] = {
    "name": (func.lower(Contact.last_name), func.lower(Contact.first_name)),
    "email": (Contact.email,),
    "place": (Contact.state, Contact.zip_code),
    "added": (Contact.created_at,),
    "confirmed": (Contact.confirmed_at,),
}
BATCH = 1000


def definition(args: Mapping[str, str]) -> dict[str, Any]:
    """Return what the filters of an address mean; one that cannot be read is left out, see `problems`."""
    items = [item for item in _conditions(args) if not _problem(item)]
    segment = _segment(args)
    if segment is not None and not _unreadable(segment):
        items.append(dict(segment.definition))
    return {"op": "and", "not": False, "items": items}


def problems(args: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the filters of an address."""
    found = [problem for item in _conditions(args) if (problem := _problem(item))]
    if args.get("segment") and _segment(args) is None:
        found.append("There is no such segment any more.")
    if (segment := _segment(args)) is not None and (unreadable := _unreadable(segment)):
        found.append(f"The segment “{segment.name}” cannot be used: {unreadable}")
    return found


def _unreadable(segment: Segment) -> str:
    try:
        segments.check(segment.definition)
    except segments.BadDefinition as error:
        return str(error)
    return ""


def query(described: Definition, sort: str = "added", order: str = "desc") -> Select[Contact]:
    """Return the query of the people described, in that order; raises BadDefinition."""
    columns = SORTS.get(sort, SORTS["added"])
    ordered = [nulls_last(column.asc() if order == "asc" else column.desc()) for column in columns]
    found = select(Contact).where(segments.clause(described)).options(joinedload(Contact.source))
    return found.order_by(*ordered, Contact.id.asc() if order == "asc" else Contact.id.desc())


def in_batches(described: Definition) -> Iterator[list[tuple[Contact, Status]]]:
    """Yield all people described with their status, 1,000 at a time by id, each batch read in a moment of its own."""
    last = 0
    while True:
        with reading():
            page = select(Contact).where(segments.clause(described), Contact.id > last).order_by(Contact.id)
            page = page.options(joinedload(Contact.source), selectinload(Contact.tags)).limit(BATCH)
            contacts = db.session.scalars(page).all()
            known = status.of(contacts)
            db.session.expunge_all()
            db.session.rollback()
        if not contacts:
            return
        yield [(contact, known[contact.id]) for contact in contacts]
        last = contacts[-1].id


def choices(name: str) -> list[tuple[str, str]]:
    """Return the choices of a filter that has some."""
    field = segment_fields[FILTERS[name][0]]
    return field.choices() if field.choices else []


def _conditions(args: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"field": field, "test": test, "value": text}
        for name, (field, test) in FILTERS.items()
        if (text := args.get(name, "").strip())
    ]


def _problem(item: Mapping[str, str]) -> str:
    try:
        segments.check_condition(item["field"], item["test"], item["value"])
    except BadDefinition as error:
        return str(error)
    return ""


def _segment(args: Mapping[str, str]) -> Segment | None:
    number = row_number(args.get("segment", ""))
    return db.session.get(Segment, number) if number else None
