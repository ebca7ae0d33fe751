"""The calendar of a user as a file that calendar programs fetch again and again (RFC 5545, RFC 7986)."""

from datetime import timedelta

from icalendar import Event

from crm.accounts.models import User
from crm.base import calendar_files, clock
from crm.base.calendars import MOST, Entry, Window
from crm.base.public_pages import public_url
from crm.base.words import one_line
from crm.mailings.calendar import sheet

BEFORE, AFTER = timedelta(days=60), timedelta(days=366)
FETCHED_EVERY = timedelta(hours=1)
STATUS = {"draft": "TENTATIVE", "closed": "CANCELLED"}
CLOSED = "Canceled: "
"""Before the title as well, because some programs do not show the status."""


def of(user: User, *, mine: bool, name: str) -> bytes:
    """Return the file of what the user may see now, from two months ago to a year ahead."""
    today = clock.today(user.zone)
    window = Window(today - BEFORE, today + AFTER, user, mine, closed=True)
    file = calendar_files.begun("PUBLISH")
    file.add("x-wr-calname", one_line(name))
    file.add("refresh-interval", FETCHED_EVERY, parameters={"value": "DURATION"})
    for _, source in sheet.sources(user):
        for entry in source.find(window)[:MOST]:
            if entry.at or entry.day:
                file.add_component(_event(entry, source.label))
    return bytes(file.to_ical())


def _event(entry: Entry, label: str) -> Event:
    """SEQUENCE counts the changes, so a calendar replaces what it had under the same UID (RFC 5545 §3.8.7.4)."""
    event = Event()
    event.add("uid", calendar_files.uid(entry.name))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.version)
    event.add("dtstart", entry.at or entry.day)
    if entry.at:
        event.add("duration", entry.lasts)
    event.add("summary", (CLOSED if entry.tone == "closed" else "") + one_line(entry.title))
    event.add("description", "\n".join(one_line(part) for part in (entry.what, entry.whom, entry.whose) if part))
    event.add("categories", [label])
    event.add("status", STATUS.get(entry.tone, "CONFIRMED"))
    event.add("transp", "TRANSPARENT")
    event.add("url", public_url(entry.url))
    return event
