"""To be seen or not: clicks are kept by name only of those who tick the box, and only as long as it is ticked."""

import secrets
from typing import Any

from sqlalchemy import ColumnElement, String, delete, func, literal, select

from crm.base import locales
from crm.contacts import consent, timeline, wordings
from crm.contacts.click_consent.models import ClickConsent
from crm.contacts.models import ConsentRecord, ConsentWording, Contact
from crm.extensions import db

PURPOSE = wordings.CLICKS


def agreed(contact: Contact) -> bool:
    """Tell whether this contact agreed, and has not taken it back."""
    return db.session.scalar(select(ClickConsent.contact_id).where(ClickConsent.contact_id == contact.id)) is not None


def anybody() -> bool:
    """Tell whether anybody agreed at all."""
    return db.session.scalar(select(ClickConsent.contact_id).limit(1)) is not None


def asked(contact: Contact) -> ConsentWording | None:
    """Return the words that are live in the language of the page, or those this contact agreed to; None: not asked."""
    live = wordings.current(locales.language(), PURPOSE)
    if live is not None or not agreed(contact):
        return live
    record = _latest(contact.id)
    return record.wording if record else None


def shown(wording_id: str) -> ConsentWording | None:
    """Return the words that a page with that id in it has shown; None where there are none such."""
    found = db.session.get(ConsentWording, int(wording_id)) if wording_id.isdecimal() and len(wording_id) < 10 else None
    return found if found is not None and found.purpose == PURPOSE and found.reviewed_at is not None else None


def choose(contact: Contact, wanted: bool, *, wording: ConsentWording | None, method: str, place: str, ip: str) -> None:
    """Write down that the contact agrees, or takes it back: then what was kept of their clicks is deleted.

    Nothing is written where it was so already, and nobody agrees without words.
    """
    if wanted == agreed(contact) or (wanted and wording is None):
        return
    about: dict[str, Any] = {
        "method": method,
        "place": place,
        "ip": ip,
        "evidence": {"page": "preferences"},
        "purpose": PURPOSE,
    }
    if wanted and wording is not None:
        db.session.add(ClickConsent(contact_id=contact.id, key=secrets.token_hex(10)))
        consent.record(contact, "given", [], wording_id=wording.id, **about)
        timeline.record(contact, "consent", "Agreed that we keep which links they follow")
    else:
        db.session.execute(delete(ClickConsent).where(ClickConsent.contact_id == contact.id))
        consent.record(contact, "withdrawn", [], **about)
        timeline.record(contact, "consent", "No longer agrees that we keep which links they follow")


def contact_of(key: str) -> int | None:
    """Return the id of the contact whose links carry that key, as long as they agree."""
    return db.session.scalar(select(ClickConsent.contact_id).where(ClickConsent.key == key))


def refused(contact_id: int) -> bool:
    """Tell whether the last word of a contact was that they do not agree any more."""
    record = _latest(contact_id)
    return record is not None and record.act == "withdrawn"


def mark() -> ColumnElement[str]:
    """Return the SQL value that ends the links of a contact's copy: `~` and the key, or nothing. Never NULL."""
    mine = select(literal("~", String) + ClickConsent.key).where(ClickConsent.contact_id == Contact.id)
    return func.coalesce(mine.correlate(Contact).scalar_subquery(), "")


def _latest(contact_id: int) -> ConsentRecord | None:
    mine = (ConsentRecord.contact_id == contact_id, ConsentRecord.purpose == PURPOSE)
    return db.session.scalar(select(ConsentRecord).where(*mine).order_by(ConsentRecord.id.desc()).limit(1))
