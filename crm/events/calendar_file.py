"""An event as a calendar file (RFC 5545), and as the invitation that a registrant's mail brings (RFC 5546, RFC 6047).

The moments are told in UTC, which no change of clocks makes ambiguous; calendars show them on their owner's clocks. The
UID stays, and SEQUENCE rises with each change, so that a calendar replaces what it had (RFC 5545 §3.8.7.4).
"""

from icalendar import Event as Entry
from icalendar import vCalAddress, vText

from crm.base import calendar_files, clock, locales
from crm.base.words import one_line
from crm.delivery import letters, mime
from crm.events import links, telling
from crm.events.models import REGISTERED, Attendance, Event

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"


def of(event: Event, language: str) -> bytes:
    """Return the file that anybody may have: without the way in."""
    entry = _entry(event, language, links.public(event))
    entry.add("sequence", event.sequence)
    entry.add("status", "CANCELLED" if event.state == "canceled" else "CONFIRMED")
    return _file(PUBLISH, entry)


def invitation(attendance: Attendance) -> bytes:
    """Return the file for the mail to a registrant, which puts the event into their calendar or takes it off.

    It names whom it is for, as calendars ask for; nobody is asked to answer it.
    """
    event, contact = attendance.event, attendance.contact
    comes = attendance.state == REGISTERED and event.state != "canceled"
    entry = _entry(event, contact.language, links.own(attendance))
    entry.add("sequence", event.sequence + attendance.rounds)
    entry.add("status", "CONFIRMED" if comes else "CANCELLED")
    name, address = mime.parts(one_line(str(letters.frame()["sender"])))
    entry.add("organizer", _person(address, name))
    guest = _person(contact.email or "", contact.email or "")
    guest.params["PARTSTAT"] = vText("ACCEPTED" if comes else "DECLINED")
    guest.params["RSVP"] = vText("FALSE")
    entry.add("attendee", guest)
    return _file(REQUEST if comes else CANCEL, entry)


def _entry(event: Event, language: str, url: str) -> Entry:
    entry = Entry()
    entry.add("uid", calendar_files.uid(f"event-{event.public_id}"))
    entry.add("dtstamp", clock.now())
    entry.add("last-modified", event.updated_at)
    entry.add("dtstart", event.starts_at)
    entry.add("dtend", event.ends_at)
    entry.add("summary", one_line(locales.said(event.titles, language).text))
    entry.add("location", one_line(telling.where(event, language)))
    entry.add("description", "\n\n".join(part for part in (locales.said(event.summaries, language).text, url) if part))
    entry.add("url", url)
    return entry


def _file(method: str, entry: Entry) -> bytes:
    file = calendar_files.begun(method)
    file.add_component(entry)
    return bytes(file.to_ical())


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = vText(name)
    return person
