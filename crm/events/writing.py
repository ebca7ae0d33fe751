"""What registrants are sent by the clock: reminders, changes, cancellations, follow-ups; each once to each of them.

Each job looks for those who were not written to yet, claims them row by row, and queues their mail in the same
transaction. In a restored copy nothing goes out that was due before it was restored, for that may have gone out before:
it waits until staff release it (`Event.held_at`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from crm.base import changes, clock, database
from crm.base.database import insert_into
from crm.events import letters
from crm.events.models import COMING, REGISTERED, Attendance, Event, EventMail
from crm.extensions import db

BATCH = 25  # Registrants a transaction, so that it stays short.
MOST = 20  # Transactions a tick.
OFFSETS = {10_080: "A week before", 2880: "Two days before", 1440: "A day before", 180: "Three hours before"}
OFFSETS |= {60: "An hour before", 15: "A quarter of an hour before"}
FOLLOW_UP = "follow_up"
Write = Callable[[Attendance], None]


@dataclass(frozen=True)
class Reminder:
    """One reminder of an event, by which each registrant is reminded once, and when it was due."""

    name: str
    moment: datetime


def remind() -> None:
    """Remind registrants of what is near; a job. Commits.

    Where several reminders are due at once, the last one is enough; who registered after it was due has the receipt.
    """
    with database.looking():
        now = clock.now()
        soon = now + timedelta(minutes=max(OFFSETS))
        near = (Event.state == "published", Event.starts_at > now, Event.starts_at <= soon)
        events = db.session.scalars(select(Event).where(*near).order_by(Event.starts_at)).all()
        due = [(event.id, found) for event in events if (found := _due(event, now)) and _released(event, found.moment)]
    for event_id, reminder in due:
        _write(_unreminded(event_id, reminder), partial(_remind, reminder=reminder))


def tell_changes() -> None:
    """Tell registrants, and who waits for a place, that their event was moved or canceled; a job. Commits."""
    moved = select(Attendance.id).join(Event, Event.id == Attendance.event_id)
    moved = moved.where(Event.state.in_(["published", "canceled"]), Event.ends_at > clock.now())
    moved = moved.where(Attendance.told < Event.sequence, Attendance.state.in_(COMING))
    _write(moved.where(_not_held(Event.told_at)), _tell)


def follow_up() -> None:
    """Write to registrants after the event what staff released for them; a job. Commits."""
    query = select(Attendance.id).join(Event, Event.id == Attendance.event_id)
    query = query.where(Event.followed_up_at.is_not(None), Attendance.state.in_(COMING), _not_sent(FOLLOW_UP))
    query = query.where(_not_held(Event.followed_up_at))
    _write(query, partial(_once, name=FOLLOW_UP, write=letters.follow_up))


def hold_restored(made_at: datetime) -> int:
    """Hold what may have gone out since the backup was made that is restored; returns of how many events."""
    told = or_(Event.ends_at > made_at, Event.followed_up_at.is_not(None))
    held = update(Event).where(Event.state.in_(["published", "canceled"]), told).values(held_at=clock.now())
    done = db.session.execute(held.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def waiting(event: Event) -> int:
    """Return how many mails of the event wait for a word of the staff, since a backup was restored."""
    found: list[Select[int]] = []
    if event.held_at is not None and event.ends_at > clock.now() and not _released(event, event.told_at):
        found.append(_registrants(event.id, Attendance.told < event.sequence, Attendance.state.in_(COMING)))
    reminder = _due(event, clock.now()) if event.starts_at > clock.now() and event.state == "published" else None
    if reminder and not _released(event, reminder.moment):
        found.append(_unreminded(event.id, reminder))
    if event.followed_up_at and not _released(event, event.followed_up_at):
        found.append(_registrants(event.id, Attendance.state.in_(COMING), _not_sent(FOLLOW_UP)))
    return sum(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0 for query in found)


def _due(event: Event, now: datetime) -> Reminder | None:
    """Return the reminder that was due last; an event that was moved has others."""
    moments = {event.starts_at - timedelta(minutes=offset): offset for offset in event.reminders}
    last = max((moment for moment in moments if moment <= now), default=None)
    return Reminder(f"reminder:{moments[last]}:{int(event.starts_at.timestamp())}", last) if last else None


def _released(event: Event, moment: datetime | None) -> bool:
    return event.held_at is None or moment is None or moment > event.held_at


def _unreminded(event_id: int, reminder: Reminder) -> Select[int]:
    before = (Attendance.state == REGISTERED, Attendance.registered_at < reminder.moment)
    stands = select(Event.id).where(Event.id == event_id, Event.state == "published", Event.starts_at > clock.now())
    return _registrants(event_id, *before, stands.exists(), _not_sent(reminder.name))


def _registrants(event_id: int, *conditions: ColumnElement[bool]) -> Select[int]:
    return select(Attendance.id).where(Attendance.event_id == event_id, *conditions)


def _not_sent(name: str) -> ColumnElement[bool]:
    sent = select(EventMail.name).where(EventMail.attendance_id == Attendance.id, EventMail.name == name)
    return ~sent.correlate(Attendance).exists()


def _not_held(moment: Any) -> ColumnElement[bool]:
    return or_(Event.held_at.is_(None), moment > Event.held_at)


def _write(query: Select[int], write: Write) -> None:
    for _ in range(MOST):
        with database.looking():
            ids = list(db.session.scalars(query.order_by(Attendance.id).limit(BATCH)))
        for attendance_id in ids:
            attendance = db.session.get(Attendance, attendance_id)
            if attendance is not None:
                write(attendance)
        db.session.commit()
        if len(ids) < BATCH:
            return


def _tell(attendance: Attendance) -> None:
    event = attendance.event
    claim = update(Attendance).where(Attendance.id == attendance.id, Attendance.told < event.sequence)
    claim = claim.values(told=event.sequence).execution_options(synchronize_session=False)
    if db.session.execute(claim).rowcount == 1:  # type: ignore[attr-defined]
        tell = letters.canceled if event.state == "canceled" else letters.changed
        tell(attendance)


def _remind(attendance: Attendance, reminder: Reminder) -> None:
    """Remind, unless the event was canceled or moved, or the place given up, since somebody looked."""
    event = attendance.event
    changes.lock(event)  # Whoever cancels or moves it, or gives a place up, locks it too.
    db.session.refresh(attendance)
    stands = event.state == "published" and attendance.state == REGISTERED
    if stands and _due(event, clock.now()) == reminder:
        _once(attendance, reminder.name, partial(letters.reminder, name=reminder.name))


def _once(attendance: Attendance, name: str, write: Write) -> None:
    claim = insert_into(EventMail).values(attendance_id=attendance.id, name=name, at=clock.now())
    if db.session.execute(claim.on_conflict_do_nothing().returning(EventMail.name)).first() is not None:
        write(attendance)
