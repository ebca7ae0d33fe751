"""Places of an event: who has one, who waits for one, and who gets the next that is free."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, func, select, update

from crm.base import changes, clock, database
from crm.contacts import timeline
from crm.events import letters, links
from crm.events.models import COMING, REGISTERED, WAITING, Attendance, Event
from crm.extensions import db

BATCH = 25  # Places given, or events looked at, in one transaction.


def fill(event: Event) -> list[int]:
    """Give the places that are free to those who wait longest, some at a time; returns their registrations' ids.

    Whoever calls it has locked the event (changes.lock), so that of two that count at once one waits for the other.
    """
    free = None if event.capacity is None else event.capacity - taken(event.id)
    if free is not None and free <= 0:
        return []
    line = select(Attendance.id).where(Attendance.event_id == event.id, Attendance.state == WAITING)
    some = BATCH if free is None else min(free, BATCH)
    ids = list(db.session.scalars(line.order_by(Attendance.since, Attendance.id).limit(some)))
    claim = update(Attendance).where(Attendance.id.in_(ids), Attendance.state == WAITING)
    values = {"state": REGISTERED, "registered_at": clock.now(), "told": event.sequence}
    db.session.execute(claim.values(values).execution_options(synchronize_session="fetch"))
    return ids


def give(event: Event, but: int | None = None) -> int:
    """Give free places to who waits, and write to each of them but one (who is told in another way); return how many.

    What is left of a long line gets its places by the job within a minute, so that no transaction takes long.
    """
    ids = fill(event)
    for attendance_id in ids:
        if attendance_id != but:
            attendance = db.session.get_one(Attendance, attendance_id)
            letters.place(attendance)
            title = f"Got a place: {event.title}"
            timeline.record(attendance.contact_id, "event", title, links.staff_path(event), "system")
    return len(ids)


def give_all() -> None:
    """Give the places that are free and nobody got yet, e.g. because somebody was forgotten; a job. Commits."""
    with database.looking():
        ids = list(db.session.scalars(_with_room()))
    for event_id in ids:
        while _give_some(event_id) == BATCH:
            pass


def taken(event_id: int) -> int:
    """Return how many places are taken."""
    return numbers(event_id)[REGISTERED]


def numbers(event_id: int) -> Mapping[str, int]:
    """Return how many are registered, and how many wait."""
    query = select(Attendance.state, func.count()).where(Attendance.event_id == event_id, Attendance.state.in_(COMING))
    found = db.session.execute(query.group_by(Attendance.state))
    return dict.fromkeys(COMING, 0) | {row[0]: row[1] for row in found}


def takes_place(event: Event) -> bool:
    """Tell whether it is public and not over."""
    return event.state == "published" and clock.now() < event.ends_at


def is_open(event: Event) -> bool:
    """Tell whether somebody may register now."""
    return takes_place(event) and (event.closes_at is None or clock.now() < event.closes_at)


def is_coming() -> ColumnElement[bool]:
    """Return the condition for events that are public and not over."""
    return (Event.state == "published") & (Event.ends_at > clock.now())


def _give_some(event_id: int) -> int:
    event = db.session.get_one(Event, event_id)
    changes.lock(event)
    given = give(event) if takes_place(event) else 0
    db.session.commit()
    return given


def _with_room() -> Select[int]:
    """Return the select of coming events with somebody who waits and a place that is free."""
    mine = Attendance.event_id == Event.id
    waits = select(Attendance.id).where(mine, Attendance.state == WAITING).exists()
    has = select(func.count()).where(mine, Attendance.state == REGISTERED).correlate(Event).scalar_subquery()
    room = Event.capacity.is_(None) | (has < Event.capacity)
    return select(Event.id).where(is_coming(), waits, room).order_by(Event.id).limit(BATCH)
