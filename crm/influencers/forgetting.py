"""What goes of an influencer when the person asked to be forgotten, beyond what goes with the contact."""

from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import or_, select

from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.delivery import outbox
from crm.extensions import db
from crm.influencers import keeping_out, profiles
from crm.influencers.asks import mail_about
from crm.influencers.evidence import storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.inbound import keeping
from crm.influencers.models import Ask, FormerImportKey, Influencer, Interaction
from crm.influencers.network.models import Acquaintance
from crm.influencers.offices.models import OfficeContact
from crm.influencers.participants import editing, telling
from crm.influencers.tasks.models import Task


def forget(contact_id: int) -> Sequence[Path]:
    """Cancel mails about the asks, take names off the audit trail, and return the files of evidence."""
    influencers = list(db.session.scalars(select(Influencer.id).where(Influencer.contact_id == contact_id)))
    asks = list(db.session.scalars(select(Ask.id).where(Ask.influencer_id.in_(influencers))))
    ends = or_(Acquaintance.contact_id == contact_id, Acquaintance.knower_contact_id == contact_id)
    known = list(db.session.scalars(select(Acquaintance.id).where(ends)))
    tasks = list(db.session.scalars(select(Task.id).where(Task.influencer_id.in_(influencers))))
    talks = list(db.session.scalars(select(Interaction.id).where(Interaction.contact_id == contact_id)))
    for number in asks:
        outbox.cancel_about(mail_about(number))
    works = list(db.session.scalars(select(OfficeContact.id).where(OfficeContact.contact_id == contact_id)))
    said_of = {"influencer": influencers, "ask": asks, "acquaintance": known, "task": tasks, "interaction": talks}
    said_of["office_contact"] = works
    for thing, numbers in said_of.items():
        take_names_off_audit(thing, numbers)
    for one in db.session.scalars(select(Interaction).where(Interaction.id.in_(talks))):
        telling.forget(one)  # On the timelines of whoever else took part.
    person = db.session.get_one(Contact, contact_id)
    given_up = former.of(person)
    addresses = {address for address in (person.email, *(one.address for one in given_up)) if address}
    if addresses:
        keeping.forget(addresses)
    keeping_out.keep_out(_import_keys(influencers))
    editing.forget(addresses, {contact_id, *(one.gone_id for one in given_up)})
    tokens = db.session.scalars(select(AskFile.token).where(AskFile.ask_id.in_(asks)))
    return [storage.SHELF.path_of(token) for token in tokens]


def _import_keys(influencers: Collection[int]) -> set[str]:
    """Return by what sources know these people, or knew them before a merge."""
    found = set(db.session.scalars(select(FormerImportKey.key).where(FormerImportKey.influencer_id.in_(influencers))))
    for one in db.session.scalars(select(Influencer).where(Influencer.id.in_(influencers))):
        found |= {profiles.digest(one.external_id)} if one.external_id else set()
        found |= {one.import_key} if one.import_key else set()
    return found
