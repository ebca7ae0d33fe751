"""What happened with a contact: subjects above write it, the contact's page reads it."""

from datetime import datetime

from crm.base import audit, clock
from crm.contacts.models import Contact, TimelineEntry
from crm.extensions import db


def record(
    contact: Contact | int,
    kind: str,
    title: str,
    url: str | None = None,
    actor: str | None = None,
    at: datetime | None = None,
) -> TimelineEntry:
    """Write one entry; the actor is whoever acts now, where none is named."""
    entry = TimelineEntry(
        contact_id=contact if isinstance(contact, int) else contact.id,
        at=at or clock.now(),
        kind=kind,
        title=title,
        url=url or "",
        actor=audit.actor() if actor is None else actor,
    )
    db.session.add(entry)
    return entry
