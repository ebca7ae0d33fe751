"""Who works in an office: they stay with it when the holder changes, unless staff say that they leave."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.base import changes
from crm.base.changes import Refused
from crm.contacts import timeline
from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.offices.models import Office, OfficeContact

ROLES = {
    "chief_of_staff": "Chief of staff",
    "legislative_aide": "Legislative aide",
    "scheduler": "Scheduler",
    "press": "Press",
    "district": "District office",
    "caseworker": "Caseworker",
    "assistant": "Assistant",
    "other": "Other",
}


def of(office: Office) -> list[OfficeContact]:
    """Return who works or worked in the office, those who left last."""
    query = select(OfficeContact).where(OfficeContact.office_id == office.id).options(joinedload(OfficeContact.contact))
    left = OfficeContact.until.is_not(None)
    return list(db.session.scalars(query.order_by(left, OfficeContact.until.desc(), OfficeContact.id)))


def add(
    office: Office, person: Mapping[str, str], email: str | None, values: Mapping[str, Any], today: date
) -> OfficeContact:
    """Add somebody by name and perhaps e-mail; a contact of that address keeps its own names. Raises Refused.

    Nobody is subscribed to anything by it.
    """
    contact = profiles.new_contact(email, person, ("staff", "Added by staff"))
    same = select(OfficeContact.id).where(
        OfficeContact.office_id == office.id,
        OfficeContact.contact_id == contact.id,
        OfficeContact.role == values["role"],
        OfficeContact.until.is_(None),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Refused(f"{contact.name} is on record in this role already.", "email")
    made = OfficeContact(office_id=office.id, contact_id=contact.id, since=today, office=office, contact=contact)
    changes.keep(made, "office_contact", values)
    _tell(made, f"{ROLES[made.role]}: {office.title}")
    return made


def edit(one: OfficeContact, values: Mapping[str, Any], opened_on: int) -> None:
    """Set role, phone and note; raises Collision."""
    changes.claim(one, "office_contact", opened_on)
    changes.keep(one, "office_contact", values)


def leave(one: OfficeContact, until: date) -> bool:
    """Note that somebody left the office on that day; False where that is known."""
    changes.lock(one)
    if one.until is not None:
        return False
    changes.keep(one, "office_contact", {"until": max(until, one.since)})
    _tell(one, f"Left as {ROLES[one.role].lower()}: {one.office.title}")
    return True


def leave_all(office: Office, numbers: Collection[int], until: date) -> int:
    """Let those of the office leave with the holder, and return how many did."""
    return sum(leave(one, until) for one in of(office) if one.id in set(numbers))


def _tell(one: OfficeContact, title: str) -> None:
    url = f"/staff/influencers/offices/{one.office_id}"
    timeline.record(one.contact, "office", title, url=url)
