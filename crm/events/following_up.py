"""The mail after an event, written once for those who attended and once for those who did not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.events.models import COMING, REGISTERED, WAITING, Attendance, Event
from crm.extensions import db

THING = "event"


def save(event: Event, values: Mapping[str, Any], opened_on: int) -> None:
    """Set the texts and the recording; raises Refused, Collision."""
    changes.claim(event, THING, opened_on)
    if event.followed_up_at and any(value != getattr(event, name) for name, value in _texts(values).items()):
        raise Refused("The mail went out already. Only the recording can be changed now.", "")
    changes.keep(event, THING, values)


def counts(event: Event) -> dict[str, int]:
    """Return how many attended, how many who had a place did not, and how many only waited for one."""
    came = Attendance.attended_at.is_not(None)
    groups = (came, ~came & (Attendance.state == REGISTERED), ~came & (Attendance.state == WAITING))
    query = select(*(func.count().filter(group) for group in groups))
    found = db.session.execute(query.where(Attendance.event_id == event.id, Attendance.state.in_(COMING))).one()
    return dict(zip(("attended", "missed", "waited"), found, strict=True))


def why_not(event: Event) -> str:
    """Return why it cannot be sent now, "" where it can."""
    if event.state != "published":
        return f"This event is {event.state}."
    if event.ends_at > clock.now():
        return "It can be sent once the event is over."
    if event.followed_up_at:
        return "It was sent already."
    if not (event.recording_url or event.texts_attended or event.texts_missed):
        return "Give the recording or write a text first."
    return ""


def send(event: Event) -> None:
    """Let a job write to all who registered, once; raises Refused."""
    if why := why_not(event):
        raise Refused(why, "")
    claim = update(Event).where(Event.id == event.id, Event.followed_up_at.is_(None))
    claim = claim.values(followed_up_at=clock.now()).execution_options(synchronize_session="fetch")
    if db.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("It was sent already.", "")
    audit.record("follow_up", THING, event.id, people=counts(event))


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.strip() for name, value in values.items() if name != "recording_url"}
