"""The list of people: its filters become a segment's definition, so that what is seen can be saved and reused."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, nulls_last, select
from sqlalchemy.orm import joinedload, selectinload

from crm.base.database import reading
from crm.base.forms import row_number
from crm.base.people_filters import PeopleFilter, people_filters
from crm.base.segment_fields import segment_fields
from crm.contacts import segments, status
from crm.contacts.models import Contact, Segment
from crm.contacts.segments import BadDefinition, Definition
from crm.contacts.status import Status
from crm.extensions import db

# Name in the address of the page -> filter; upper rooms add theirs to the registry. The first stand open on the page.
SHORT = {
    "q": PeopleFilter("Search", "anything", "contains", kind="search"),
    "status": PeopleFilter("Status", "status", "is"),
    "topic": PeopleFilter("Gets topic", "topic", "is"),
    "tag": PeopleFilter("Tag", "tag", "is"),
}
MORE = {
    "source": PeopleFilter("Source", "source", "is"),
    "source_kind": PeopleFilter("Kind of source", "source_kind", "is"),
    "utm_content": PeopleFilter("Text of the link", "utm_content", "is"),
    "form": PeopleFilter("Signed up by form", "signup_form", "is", led_to=True),
    "shares_with": PeopleFilter("Shares address with", "shares_with", "is", any="Anybody or nobody", led_to=True),
    "brought_by": PeopleFilter("Brought by sharing of", "brought_by", "is", any="Anybody or nobody", led_to=True),
    "answered": PeopleFilter("Has answered", "answered", "is", any="Anything or nothing", led_to=True),
    "language": PeopleFilter("Language", "language", "is"),
    "state": PeopleFilter("State", "state", "is"),
    "zip": PeopleFilter("ZIP begins with", "zip", "starts", kind="text"),
    "lives_in": PeopleFilter("Lives in, e.g. MI-5", "lives_in", "is", kind="text"),
    "provider": PeopleFilter("Mail provider", "provider", "is"),
    "resting": PeopleFilter("No answer to “still interested?”", "resting", "yes", any="Show all"),
    "added_from": PeopleFilter("Added on or after", "added", "since", kind="date"),
    "added_before": PeopleFilter("Added before", "added", "before", kind="date"),
    "confirmed_from": PeopleFilter("Confirmed on or after", "confirmed", "since", kind="date"),
    "confirmed_before": PeopleFilter("Confirmed before", "confirmed", "before", kind="date"),
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


def more_filters(args: Mapping[str, str]) -> dict[str, PeopleFilter]:
    """Return the filters that stand under “More filters” at an address, by their names in it."""
    return {name: one for name, one in _more().items() if args.get(name) or not one.led_to}


def choices(name: str, chosen: str = "") -> list[tuple[str, str]]:
    """Return the choices of a filter that has some, among them the one that is chosen."""
    one = _filters()[name]
    field = segment_fields[one.field]
    if field.kind == "flag":
        return [(one.test, "Only those")]
    return field.offered(chosen)


def _filters() -> dict[str, PeopleFilter]:
    return {**SHORT, **_more()}


def _more() -> dict[str, PeopleFilter]:
    return {**MORE, **dict(people_filters.items())}


def _conditions(args: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "test": one.test, "value": text}
        for name, one in _filters().items()
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
