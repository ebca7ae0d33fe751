"""Events as staff make them: saved, published, canceled. Registrants are told of what matters to them by a job."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy import delete as delete_from

from crm.base import audit, changes, clock, slugs
from crm.base.changes import Refused
from crm.delivery import outbox
from crm.events import letters, places
from crm.events.models import AttendanceImport, Event
from crm.extensions import db

THING = "event"
WORDS = 80  # characters of the title in an address
TIME = ("starts_at", "ends_at", "zone")
WHERE = ("place", "address")
TEXTS = ("title", "summary", "description")


def coming() -> Select[Event]:
    """Return the query of events that are not over, in their order."""
    return select(Event).where(Event.ends_at > clock.now()).order_by(Event.starts_at, Event.id)


def past() -> Select[Event]:
    """Return the query of events that are over, the last one first."""
    return select(Event).where(Event.ends_at <= clock.now()).order_by(Event.starts_at.desc(), Event.id.desc())


def named(slug: str) -> Event | None:
    """Return the event of that address that is public, or was."""
    return db.session.scalar(select(Event).where(Event.slug == slug, Event.state != "draft"))


def save(event: Event, values: Mapping[str, Any], opened_on: int = 0) -> Event:
    """Set the values on a new event or one that there is, and return it; raises Refused, Collision.

    Where a public one that is not over is moved, its registrants will be told, and a larger room lets in who waits.
    """
    new = event.id is None
    if new:
        wish = slugs.of(values["title_en"], WORDS) or "event"
        event.slug = slugs.free(wish, slugs.taken(wish, Event.slug))
    else:
        changes.claim(event, THING, opened_on)
    _check(event, values)
    before = [getattr(event, name) for name in (*TIME, *WHERE)]
    changes.keep(event, THING, values)
    moved = not new and before != [getattr(event, name) for name in (*TIME, *WHERE)]
    if moved and event.state != "canceled":  # Who registered for one that is canceled was told so, and once is enough.
        event.needs_forgotten_at = None
        event.sequence += 1
        event.told_at = clock.now()
    if places.takes_place(event):
        changes.lock(event)
        places.give(event)
    return event


def publish(event: Event) -> None:
    """Let everybody see the event and register for it; raises Refused."""
    changes.lock(event)
    if event.state != "draft":
        raise Refused(f"This event is {event.state} already.", "")
    if event.ends_at <= clock.now():
        raise Refused("This event is over by its date. Change the date, then publish it.", "")
    if event.kind == "webinar" and not event.join_url:
        raise Refused("Give the address of the meeting (join link) first: nobody could come in without it.", "")
    if event.kind == "event" and not (event.place or event.join_url):
        raise Refused("Give the place, or the address of the meeting, first.", "")
    event.published_at = clock.now()
    _move(event, "published")


def cancel(event: Event) -> None:
    """Call a public event off; all who registered are told, and it leaves their calendars. Raises Refused."""
    changes.lock(event)
    if event.state != "published" or event.ends_at <= clock.now():
        raise Refused("Only a public event that is not over can be canceled.", "")
    event.sequence += 1
    event.told_at = clock.now()
    outbox.cancel_about(letters.about(event))  # A reminder that still waits would contradict what they are told now.
    _move(event, "canceled")


def delete(event: Event) -> None:
    """Delete a draft, which nobody has seen; raises Refused."""
    changes.lock(event)
    if event.state != "draft":
        raise Refused("Only a draft can be deleted. Cancel the event, so that people are told.", "")
    audit.record("delete", THING, event.id, title=[event.title, None])
    db.session.execute(delete_from(AttendanceImport).where(AttendanceImport.event_id == event.id))
    db.session.delete(event)


def release(event: Event) -> None:
    """Let the mail go out that is held since a backup was restored."""
    event.held_at = None
    audit.record("release", THING, event.id)


def _move(event: Event, state: str) -> None:
    audit.record(state, THING, event.id, state=[event.state, state])
    event.state = state
    event.version += 1


def _check(event: Event, values: Mapping[str, Any]) -> None:
    if not values["ends_at"] > values["starts_at"]:
        raise Refused("It cannot end before it begins. Choose a later end.", "ends")
    if (values["ends_at"] - values["starts_at"]).days > 31:
        raise Refused("It would last over a month. Check both dates.", "ends")
    if values["closes_at"] and values["closes_at"] > values["ends_at"]:
        raise Refused("Registration cannot close after the end of the event.", "closes")
    capacity = values["capacity"]
    if event.id is not None and capacity is not None and capacity < (number := places.taken(event.id)):
        raise Refused(f"{number} people have a place already. Give at least {number} places, or none.", "capacity")
