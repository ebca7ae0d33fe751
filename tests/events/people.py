"""What the tests of events share: an event, people who register, and the calendar files that they get."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from icalendar import Calendar
from sqlalchemy import select

from crm.base import clock
from crm.base.deeds import Deed, Done
from crm.delivery.models import Delivery, Message
from crm.events import attending
from crm.events.models import DEED, Attendance, Event
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, confirm_path, hidden, path

MEETING = "https://meet.example/secret-room"


def make_event(days: float = 5, **values: Any) -> Event:
    """A public webinar in some days, of an hour."""
    starts = (clock.now() + timedelta(days=days)).replace(second=0, microsecond=0)
    made = {
        "slug": "licenses",
        "kind": "webinar",
        "state": "published",
        "zone": "America/New_York",
        "join_url": MEETING,
    }
    made |= {
        "titles": {"en": "Licenses, step by step", "es": "Licencias paso a paso"},
        "summaries": {"en": "How it works."},
    }
    made |= {"descriptions": {}, "texts_attended": {}, "texts_missed": {}, "reminders": [1440, 60]}
    made |= {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
    event = factories.add(Event(**{**made, **values}))
    db.session.commit()
    return event


def register(event: Event, email: str | None = None, **values: Any) -> Attendance:
    """Somebody whose address is proven registers."""
    details = values.pop("details", {})
    contact = factories.make_contact(email, **values)
    attending.register(Done(Deed(DEED, event.id, details), contact.id, None, contact.language, True, clock.now()))
    db.session.commit()
    return of(contact.email)


def registers(client, event: Event, email: str = AMINA, query: str = "", **typed: Any) -> str:
    """A visitor fills the form in and confirms; returns the path of their own page."""
    url = f"/events/{event.slug}"
    data = {"email": email, **hidden(client.page(url + query).text), "language": "en", **typed}
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        answer = client.post(url, data=data, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert answer.status_code == 303, answer.text
    done = client.post(confirm_path(email))
    return path(client.get(path(done.location)).location)


def of(email: str | None) -> Attendance:
    db.session.expire_all()
    return next(one for one in db.session.scalars(select(Attendance)) if one.contact.email == email)


def states() -> list[str]:
    db.session.expire_all()
    return [one.state for one in db.session.scalars(select(Attendance).order_by(Attendance.id))]


def letters(email: str | None = None) -> list[str]:
    """The subjects of the mail about events that is queued, perhaps for one address, with the title of the event."""
    query = (
        select(Message.subject, Delivery.merge)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.about != "")
    )
    query = query.where(Delivery.address == email) if email else query
    rows = db.session.execute(query.order_by(Delivery.id))
    return [subject.partition(":")[0] for subject, _ in rows]


def entry(data: bytes | str) -> Any:
    """The one entry of a calendar file, with the METHOD of the file."""
    file = Calendar.from_ical(data)
    [found] = file.walk("VEVENT")
    found.method = str(file["METHOD"])
    return found


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
