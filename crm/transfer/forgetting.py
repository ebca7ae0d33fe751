"""What imports still say of people: forgotten with the person, and by and by."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, or_, select

from crm.base import clock
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.extensions import db
from crm.transfer.models import RUNNING, InfluencerImport, RowFault

KEPT = timedelta(days=30)
NAMING = ("bad", "alike")


def forget(contact_id: int) -> Sequence[Path]:
    """Take off what imports of influencers list by name, and rows with faults that name an address of the contact."""
    for run in db.session.scalars(select(InfluencerImport)):
        run.found = {name: value for name, value in run.found.items() if name not in NAMING}
    contact = db.session.get_one(Contact, contact_id)
    emails = [contact.email, *(one.address for one in former.of(contact))]
    named = [RowFault.message.icontains(email, autoescape=True) for email in emails if email]
    if named:
        db.session.execute(delete(RowFault).where(or_(*named)))
    return []


def forget_old() -> int:
    """Delete what is known of imports of influencers 30 days later; returns how many. A job."""
    old = (InfluencerImport.created_at < clock.now() - KEPT, InfluencerImport.state != RUNNING)
    return int(db.session.execute(delete(InfluencerImport).where(*old)).rowcount)  # type: ignore[attr-defined]
