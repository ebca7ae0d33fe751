"""Who registered, as staff look at it: filters, and the rows of a file."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from crm.base import clock
from crm.base.sheets import WIDE, WIDEST
from crm.base.words import searched
from crm.contacts.models import Contact
from crm.events.attending import HOW
from crm.events.models import ATTENDANCE_STATES, CANCELED, REGISTERED, WAITING, Attendance, Event
from crm.extensions import db

SHOWN = {
    "": "All",
    REGISTERED: "Registered",
    WAITING: "Waiting",
    CANCELED: "Canceled",
    "attended": "Attended",
    "missed": "Did not attend",
    "new": "New to the list",
}
COLUMNS = (
    ("email", WIDEST),
    ("first_name", WIDE),
    ("last_name", WIDE),
    ("organization", WIDE),
    ("language", WIDE),
    ("state", WIDE),
    ("registered", WIDE),
    ("canceled", WIDE),
    ("attended", WIDE),
    ("attended_how", WIDE),
    ("new_to_the_list", WIDE),
    ("source", WIDE),
)
CONDITIONS: dict[str, Any] = {
    REGISTERED: Attendance.state == REGISTERED,
    WAITING: Attendance.state == WAITING,
    CANCELED: Attendance.state == CANCELED,
    "attended": Attendance.attended_at.is_not(None),
    "missed": (Attendance.state == REGISTERED) & Attendance.attended_at.is_(None),
    "new": Attendance.new & (Attendance.state != CANCELED),
}


def groups(event: Event) -> dict[str, str]:
    """Return the names of the groups; nobody can have missed what is not over, or was canceled."""
    over = took_place(event)
    return {name: label for name, label in SHOWN.items() if over or name != "missed"}


def took_place(event: Event) -> bool:
    """Tell whether it is over, and was not canceled."""
    return event.state == "published" and event.ends_at <= clock.now()


def find(event: Event, shown: str = "", words: str = "") -> Select[Attendance]:
    """Return the query of registrations of one group, by name; of those whom the words name."""
    query = select(Attendance).join(Contact, Contact.id == Attendance.contact_id).where(Attendance.event_id == event.id)
    if shown in CONDITIONS:
        query = query.where(CONDITIONS[shown])
    for word in searched(words):
        named = (Contact.first_name, Contact.last_name, Contact.email, Contact.organization_name)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in named)))
    query = query.options(joinedload(Attendance.contact), joinedload(Attendance.source))
    return query.order_by(func.lower(Contact.last_name), func.lower(Contact.first_name), Attendance.id)


def counts(event: Event) -> dict[str, int]:
    """Return how many are in each group."""
    columns = [func.count().filter(condition) for condition in CONDITIONS.values()]
    found = db.session.execute(select(func.count(), *columns).where(Attendance.event_id == event.id)).one()
    return dict(zip(["", *CONDITIONS], found, strict=True))


def rows(event: Event, shown: str = "", words: str = "") -> Iterator[list[Any]]:
    """Yield the rows of a file; what somebody needs stands in no file."""
    for one in db.session.scalars(find(event, shown, words).execution_options(yield_per=500)):
        person = one.contact
        yield [
            person.email or "",
            person.first_name,
            person.last_name,
            person.organization_name,
            person.language,
            ATTENDANCE_STATES[one.state].lower(),
            one.registered_at,
            one.canceled_at,
            one.attended_at,
            HOW.get(one.how, ""),
            "yes" if one.new else "no",
            one.source.label if one.source else "",
        ]


def numbers_of(ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return by event how many registered, wait and attended."""
    columns = {name: func.count().filter(CONDITIONS[name]) for name in (REGISTERED, WAITING, "attended")}
    query = select(Attendance.event_id, *columns.values()).where(Attendance.event_id.in_(ids))
    rows_of = db.session.execute(query.group_by(Attendance.event_id))
    found = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows_of}
    return {number: found.get(number, dict.fromkeys(columns, 0)) for number in ids}
