"""Addresses of an event's pages, and the signed links that registrants get. They name the contact, and so outlive a
merge of two records.
"""

from sqlalchemy import select

from crm.base import locales, sharing, signing
from crm.base.public_pages import public_url
from crm.contacts import links
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.contacts.sources import Trail
from crm.events import telling
from crm.events.models import Attendance, Event
from crm.extensions import db

OWN, JOIN = "attendance", "event-join"


def page(event: Event) -> str:
    """Return the path of the public page."""
    return f"/events/{event.slug}"


def public(event: Event) -> str:
    """Return the full address of the public page."""
    return public_url(page(event))


def own(attendance: Attendance) -> str:
    """Return the address of the registrant's own page: what they registered for, join, cancel."""
    return public_url(own_path(attendance))


def own_path(attendance: Attendance) -> str:
    """Return the path of that page."""
    return f"{page(attendance.event)}/mine/{token(OWN, attendance)}"


def shared(event: Event, contact: Contact) -> str:
    """Return the address of the public page that credits this supporter with who comes by it."""
    return links.with_credit(public(event), {"via": contact.share_code})


def passed_on(event: Event, trail: Trail) -> str:
    """Return the address of the public page for a visitor to pass on."""
    return links.passed_on(page(event), trail, campaign=event.slug)


def join(attendance: Attendance) -> str:
    """Return the address that leads a registrant in; the meeting's own stays with us until then."""
    return public_url(f"{page(attendance.event)}/join/{token(JOIN, attendance)}")


def staff_path(event: Event) -> str:
    """Return the path of the page for staff; jobs ask for it too, outside of a request."""
    return f"/staff/events/{event.id}"


def ways(event: Event, url: str) -> sharing.Ways:
    """Return the ways to pass the event on by that address, in the language that is being written."""
    title = locales.said_here(event.titles).text
    return sharing.ways(url, f"{title}\n{telling.when(event, locales.language())}\n{url}", title)


def token(purpose: str, attendance: Attendance) -> str:
    """Return what names a registrant in a link of that purpose."""
    return signing.sign(purpose, f"{attendance.event_id}:{attendance.contact_id}")


def read(purpose: str, told: str, event: Event) -> Attendance | None:
    """Return the registration that a link of that purpose names; None where it is gone or of another event.

    Raises InvalidToken.
    """
    event_id, _, contact_id = signing.read(purpose, told).partition(":")
    contact = former.contact(int(contact_id)) if int(event_id) == event.id else None
    return of(event, contact) if contact else None


def of(event: Event, contact: Contact) -> Attendance | None:
    """Return the contact's registration for the event."""
    mine = (Attendance.event_id == event.id, Attendance.contact_id == contact.id)
    return db.session.scalar(select(Attendance).where(*mine))
