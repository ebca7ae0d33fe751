"""What other rooms count and find of attendances: goals, reports, segments, sequences, interest."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from crm.base import clock
from crm.base.acted import came_by
from crm.base.forms import row_number
from crm.base.people_filters import PeopleFilter, people_filters
from crm.base.registries import Days, Support
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts import days
from crm.contacts.constituents import doing
from crm.contacts.models import Contact
from crm.contacts.segment_tests import is_or_not, of_last_row, of_number
from crm.events.models import CANCELED, COMING, Attendance, Event
from crm.extensions import db

GROUP = "Events"
OFFERED = 200  # events, the newest
STANDS = Attendance.state != CANCELED
CAME = "By check-in, by the list of the webinar tool, or by the join link."


def count(begin: datetime, end: datetime) -> int:
    """Return how many registered between two moments and did not cancel."""
    query = select(func.count()).select_from(Attendance).where(STANDS)
    return db.session.scalar(query.where(Attendance.since >= begin, Attendance.since < end)) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many of them did, by day and source."""
    return days.by_source(Attendance.since, Attendance.source_id, begin, end, STANDS)


def by_source(source_ids: Any) -> Select[Any, Any]:
    """Return the select of (contact id, moment) of the registrations that stand and came by these sources."""
    query = select(Attendance.contact_id, Attendance.since).where(came_by(Attendance.source_id, source_ids))
    return query.where(STANDS)


def came_by_source(source_ids: Any) -> Select[Any, Any]:
    """Return the select of (contact id, moment) of who attended an event to which these sources had led them."""
    query = select(Attendance.contact_id, Attendance.attended_at).where(came_by(Attendance.source_id, source_ids))
    return query.where(Attendance.attended_at.is_not(None))


def support() -> Support:
    """Return registrations as support behind an ask."""
    rows = select(Attendance.contact_id, Attendance.since).where(Attendance.state.in_(COMING))
    who = "People whose registration for any event stands"
    return doing.support("People who registered for events", who, "registered_from", rows)


def active_since(moment: datetime) -> ColumnElement[bool]:
    """Return the condition, over contacts, of having registered or attended since then."""
    mine = select(Attendance.id).where(Attendance.contact_id == Contact.id)
    since = (Attendance.since >= moment) | (Attendance.attended_at >= moment)
    return mine.where(since).correlate(Contact).exists()


def add_segment_fields() -> None:
    """Offer what segments and the list of people can ask."""
    label = "Registered for an event on or after"
    people_filters.add("registered_from", PeopleFilter(label, "event_last_registered", "since", kind="date"))
    stands = select(Attendance.contact_id).where(Attendance.state.in_(COMING))
    came = select(Attendance.contact_id).where(Attendance.attended_at.is_not(None))
    fields = {
        "event_registered": SegmentField("Registered for", "choice", _of(stands), events, named=_named),
        "event_attended": SegmentField("Attended", "choice", _of(came), events, CAME, named=_named),
        "event_last_registered": SegmentField("Last registered", "date", of_last_row(stands, Attendance.since)),
        "event_last_attended": SegmentField("Last attended", "date", of_last_row(came, Attendance.attended_at)),
        "events_attended": SegmentField("Events attended", "number", of_number(came)),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group=GROUP))


def add_triggers() -> None:
    """Let sequences begin with registering and with attending."""
    triggers.add("registered", Trigger("Registered for the event", _registered, events, named=_named))
    triggers.add("attended", Trigger("Attended the event", _attended, events, named=_named))


def events() -> list[tuple[str, str]]:
    """Return the events that are or were public, the newest first, as choices."""
    query = select(Event).where(Event.state != "draft").order_by(Event.starts_at.desc(), Event.id.desc())
    found = db.session.scalars(query.limit(OFFERED))
    return [(str(one.id), _told(one)) for one in found]


def _named(value: str) -> str:
    event = db.session.get(Event, row_number(value))
    return _told(event) if event else ""


def _told(event: Event) -> str:
    return f"{event.title}, {clock.day_of(event.starts_at, event.zone)}"


def _of(rows: Select[Any]) -> Any:
    return lambda test, value: is_or_not(rows.where(Attendance.event_id == row_number(value)), test)


def _registered(event_id: str, since: datetime) -> Select[Any, Any]:
    query = select(Attendance.contact_id, Attendance.since).where(Attendance.event_id == row_number(event_id))
    return query.where(Attendance.since >= since, Attendance.state.in_(COMING))


def _attended(event_id: str, since: datetime) -> Select[Any, Any]:
    query = select(Attendance.contact_id, Attendance.attended_at).where(Attendance.event_id == row_number(event_id))
    return query.where(Attendance.attended_at >= since)
