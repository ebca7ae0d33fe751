"""What happened with a contact: subjects above write it, the contact's page reads it."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, update

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
    *,
    private: bool = False,
    organization_id: int | None = None,
) -> TimelineEntry:
    """Write one entry; the actor is whoever acts now, where none is named.

    A private one is for the staff of that organization alone (none: the coalition's own).
    """
    entry = TimelineEntry(
        contact_id=contact if isinstance(contact, int) else contact.id,
        at=at or clock.now(),
        kind=kind,
        title=title,
        url=url or "",
        actor=audit.actor() if actor is None else actor,
        private=private,
        organization_id=organization_id,
    )
    db.session.add(entry)
    return entry


def seen_by(organization_id: int | None) -> ColumnElement[bool]:
    """Return the condition for what the staff of that organization may see (none: the coalition's own)."""
    return or_(~TimelineEntry.private, TimelineEntry.organization_id.is_not_distinct_from(organization_id))


def let_see(contact_id: int, url: str, *, private: bool, organization_id: int | None) -> None:
    """Let the staff of that organization alone, or everybody, see the contact's entries that lead to that page."""
    entries = update(TimelineEntry).where(TimelineEntry.contact_id == contact_id, TimelineEntry.url == url)
    db.session.execute(entries.values(private=private, organization_id=organization_id))
