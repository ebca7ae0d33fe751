"""What goes of an influencer when the person asked to be forgotten, beyond what goes with the contact."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import or_, select

from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.delivery import outbox
from crm.extensions import db
from crm.influencers.evidence import storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.models import Ask, Influencer
from crm.influencers.network.models import Acquaintance


def forget(contact_id: int) -> Sequence[Path]:
    """Cancel mails about the asks, take names off the audit trail, and return the files of evidence."""
    influencers = list(db.session.scalars(select(Influencer.id).where(Influencer.contact_id == contact_id)))
    asks = list(db.session.scalars(select(Ask.id).where(Ask.influencer_id.in_(influencers))))
    ends = or_(Acquaintance.contact_id == contact_id, Acquaintance.knower_contact_id == contact_id)
    known = list(db.session.scalars(select(Acquaintance.id).where(ends)))
    for number in asks:
        outbox.cancel_about(f"ask:{number}")
    for thing, numbers in (("influencer", influencers), ("ask", asks), ("acquaintance", known)):
        take_names_off_audit(thing, numbers)
    return [
        storage.path_of(token) for token in db.session.scalars(select(AskFile.token).where(AskFile.ask_id.in_(asks)))
    ]
