"""Registering for an event, giving the place up, and having attended."""

from datetime import datetime

from sqlalchemy import select, update

from crm.base import changes, clock
from crm.base.deeds import Done
from crm.contacts import joining, timeline
from crm.contacts.models import Contact
from crm.events import letters, links, needs, places
from crm.events.models import CANCELED, DEED, REGISTERED, WAITING, Attendance, Event
from crm.extensions import db

CHECK_IN, IMPORT, JOIN = "check_in", "import", "join"
HOW = {CHECK_IN: "Checked in", IMPORT: "List of the webinar tool", JOIN: "Followed the join link"}


def register(done: Done) -> None:
    """Register a contact whose address is proven: with a place where one is free, else at the end of the line.

    Registering once more says anew what is needed, and sends the receipt again. Nothing happens where the event is
    canceled or over by now, or where the contact gave the place up after the form was sent.
    """
    event = _locked(done.deed.about_id)
    if event is None or not places.takes_place(event):
        return
    attendance = links.of(event, db.session.get_one(Contact, done.contact_id))
    if attendance is not None and attendance.canceled_at is not None and attendance.canceled_at > done.at:
        return
    before = attendance.state if attendance else CANCELED
    attendance = attendance or Attendance(event=event, contact_id=done.contact_id, new=done.new)
    attendance.needs = needs.cleaned(done.deed.details)
    if before == CANCELED:
        _stand_in_line(attendance, done)
    places.give(event, but=attendance.id)
    letters.receipt(attendance)


def leave(attendance: Attendance) -> bool:
    """Give a registration up, and the place to who waits longest; False where that was done before."""
    event = _locked(attendance.event_id)
    db.session.refresh(attendance)
    if event is None or attendance.state == CANCELED:
        return False
    had_place = attendance.state == REGISTERED
    attendance.state, attendance.canceled_at = CANCELED, clock.now()
    attendance.needs = {}
    joining.forget_said(attendance.contact_id, DEED, attendance.event_id)
    attendance.rounds += 1
    db.session.flush()
    timeline.record(attendance.contact_id, "event", f"Canceled for: {event.title}", links.staff_path(event))
    if places.takes_place(event):
        letters.left(attendance, had_place=had_place)
        places.give(event)
    return True


def attended(attendance: Attendance, how: str, at: datetime | None = None) -> bool:
    """Note that a registrant attended; False where that is known already, or where they have no registration."""
    claim = update(Attendance).where(Attendance.id == attendance.id, Attendance.attended_at.is_(None))
    claim = claim.where(Attendance.state != CANCELED).values(attended_at=at or clock.now(), how=how)
    done = db.session.execute(claim.execution_options(synchronize_session=False))
    db.session.refresh(attendance)
    if done.rowcount == 1:  # type: ignore[attr-defined]
        event = attendance.event
        timeline.record(attendance.contact_id, "event", f"Attended: {event.title}", links.staff_path(event))
        return True
    return False


def not_attended(attendance: Attendance) -> None:
    """Take back that somebody attended, because it was noted by mistake."""
    attendance.attended_at, attendance.how = None, ""


def _locked(event_id: int) -> Event | None:
    """Return the event, which nobody else registers for or changes until the transaction ends.

    It is locked before anything is written that names it: a row that refers to it holds a lock of its own on it, and
    two such would wait for each other.
    """
    event = db.session.get(Event, event_id)
    if event is not None:
        changes.lock(event)
    return event


def _stand_in_line(attendance: Attendance, done: Done) -> None:
    event = attendance.event
    if attendance.id is not None:
        attendance.rounds += 1
    attendance.state, attendance.since, attendance.canceled_at = WAITING, clock.now(), None
    attendance.source_id, attendance.told = done.source_id, event.sequence
    db.session.add(attendance)
    db.session.flush()
    title = f"Registered for: {event.title}"
    timeline.record(attendance.contact_id, "event", title, links.staff_path(event), "visitor", done.at)


def of_event(event_id: int, attendance_id: int) -> Attendance | None:
    """Return a registration of that event."""
    query = select(Attendance).where(Attendance.event_id == event_id, Attendance.id == attendance_id)
    return db.session.scalar(query)
