"""The mail to registrants. It holds what staff wrote of the event, and no word that a visitor typed."""

from collections.abc import Mapping
from typing import Any

from crm.base import clock, locales
from crm.base.rich_text import html
from crm.base.words import one_line
from crm.contacts import links as contact_links
from crm.contacts.models import Contact
from crm.delivery import letters
from crm.events import calendar_file, links, telling
from crm.events.calendar_file import CANCEL, REQUEST
from crm.events.models import REGISTERED, WAITING, Attendance, Event

RUSH = 5.0  # Seconds; a change of the templates' words may take so long to show.


def receipt(attendance: Attendance) -> None:
    """Tell somebody who registered that they have a place, or wait for one; again where they register once more.

    That is once an hour, so that nobody who has got hold of their link can fill their mailbox by it.
    """
    again = f"again:{attendance.rounds}:{clock.now():%Y%m%d%H}"
    if attendance.state == REGISTERED:
        _send("event_registered", attendance, again, calendar=REQUEST)
    else:
        _send("event_waiting", attendance, again, shape={"waits": True})


def place(attendance: Attendance) -> None:
    """Tell somebody who waited that they have a place now."""
    _send("event_place", attendance, f"place:{attendance.rounds}", calendar=REQUEST)


def left(attendance: Attendance, *, had_place: bool) -> None:
    """Tell somebody that they have given up their registration, and take it off their calendar."""
    _send("event_left", attendance, f"left:{attendance.rounds}", calendar=CANCEL if had_place else "")


def changed(attendance: Attendance) -> None:
    """Tell a registrant, or who waits for a place, that the event is at another time or place."""
    waits = attendance.state == WAITING
    occasion, calendar = f"changed:{attendance.event.sequence}", "" if waits else REQUEST
    _send("event_changed", attendance, occasion, calendar=calendar, shape={"waits": waits})


def canceled(attendance: Attendance) -> None:
    """Tell a registrant that the event is canceled, and take it off their calendar."""
    method = CANCEL if attendance.state == REGISTERED else ""
    _send("event_canceled", attendance, f"canceled:{attendance.event.sequence}", calendar=method)


def reminder(attendance: Attendance, name: str) -> None:
    """Remind a registrant of the event."""
    _send("event_reminder", attendance, name)


def follow_up(attendance: Attendance) -> None:
    """Write to a registrant after the event: what staff wrote for those who attended, or for those who did not."""
    event, language = attendance.event, attendance.contact.language
    attended = attendance.attended_at is not None
    texts = event.texts_attended if attended else event.texts_missed
    typed, written_in = locales.said(texts, language)
    shape = {"attended": attended, "typed": typed, "text": html(typed), "recording": bool(event.recording_url)}
    shape["written_in"] = written_in
    _send("event_follow_up", attendance, "follow_up", shape=shape)


def values(event: Event, contact: Contact) -> dict[str, str]:
    """Return the merge values of a letter about the event to that contact."""
    language = contact.language
    return {
        "title": one_line(locales.said(event.titles, language).text) or event.title,
        "when": telling.when_for(event, contact),
        "where": one_line(telling.where(event, language)),
        "event_url": links.public(event),
        "recording_url": event.recording_url,
        "preferences_url": contact_links.preferences(contact.id),
    }


def about(event: Event) -> str:
    """Return what copies say that they are about, by which they are canceled while they wait."""
    return f"event:{event.id}"


def _send(
    name: str, attendance: Attendance, occasion: str, *, calendar: str = "", shape: Mapping[str, Any] | None = None
) -> None:
    event, contact = attendance.event, attendance.contact
    if not contact.email:
        return
    merge = values(event, contact) | {"own_url": links.own(attendance), "join_url": links.join(attendance)}
    if calendar:
        merge["calendar"] = calendar_file.invitation(attendance).decode()
    letters.send(
        name,
        contact.email,
        locale=contact.language,
        occasion=f"attendance:{attendance.id}:{occasion}",
        merge=merge,
        contact_id=contact.id,
        about=about(event),
        rendered_within=RUSH,
        shape={"online": bool(event.join_url), **(shape or {})},
        calendar=calendar,
    )
