"""Who agreed that a member gets their name and address: told by the records of consent alone.

A consent holds for the address that it was given at, so that no merge of two records raises it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from crm.contacts import consent, timeline
from crm.contacts.member_consent.words import PREFIX, purpose_of
from crm.contacts.models import ConsentRecord, ConsentWording, Contact
from crm.extensions import db
from crm.organizations.models import Organization


@dataclass(frozen=True)
class Share:
    """A member that gets a contact's name and address, and the record that proves it."""

    member: Organization
    record: ConsentRecord


def given() -> Select[ConsentRecord]:
    """Return the query of the records by which somebody's present address is shared now, with whatever member."""
    later = aliased(ConsentRecord)
    undone = select(later.id).where(
        later.contact_id == ConsentRecord.contact_id,
        later.purpose == ConsentRecord.purpose,
        later.id > ConsentRecord.id,
    )
    query = select(ConsentRecord).join(Contact, Contact.id == ConsentRecord.contact_id)
    return query.where(
        ConsentRecord.act == "given",
        ConsentRecord.purpose.startswith(PREFIX),
        Contact.email.is_not(None),
        ConsentRecord.address_hash == Contact.address_hash,
        ~undone.exists(),
    )


def ids(organization_id: int) -> Select[int]:
    """Return the query of the ids of the contacts who agreed that this member gets their address."""
    query = given().where(ConsentRecord.purpose == purpose_of(organization_id))
    return query.with_only_columns(ConsentRecord.contact_id)


def counts() -> dict[int, int]:
    """Return by member how many people agreed."""
    query = given().with_only_columns(ConsentRecord.purpose, func.count(ConsentRecord.contact_id.distinct()))
    rows = db.session.execute(query.group_by(ConsentRecord.purpose))
    return {int(purpose.removeprefix(PREFIX)): number for purpose, number in rows}


def of(contact: Contact) -> list[Share]:
    """Return the members that get this contact's address."""
    records = db.session.scalars(given().where(ConsentRecord.contact_id == contact.id).order_by(ConsentRecord.id))
    found = {int(record.purpose.removeprefix(PREFIX)): record for record in records}
    query = select(Organization).where(Organization.id.in_(found))
    members = {member.id: member for member in db.session.scalars(query)} if found else {}
    return [Share(members[number], record) for number, record in found.items() if number in members]


def agree(contact: Contact, pairs: Sequence[tuple[Organization, ConsentWording]], **about: Any) -> list[Share]:
    """Write down that the contact agreed, by these words; returns the members that are new. See `consent.record`.

    The caller has made sure that it is the person.
    """
    present = {share.member.id for share in of(contact)}
    evidence = about.pop("evidence", {})
    new = []
    for member, wording in pairs:
        if member.id not in present:
            told = {**evidence, "member": member.name}
            how = {**about, "purpose": purpose_of(member.id), "wording_id": wording.id, "evidence": told}
            new.append(Share(member, consent.record(contact, "given", [], **how)))
            timeline.record(contact, "consent", f"Agreed that {member.name} gets name and address", actor="visitor")
    return new


def take_back(contact: Contact, organization_id: int, *, method: str, place: str) -> bool:
    """End the sharing with one member; returns whether there was any."""
    share = next((one for one in of(contact) if one.member.id == organization_id), None)
    if share is None:
        return False
    about: dict[str, Any] = {"method": method, "place": place, "purpose": share.record.purpose}
    consent.record(contact, "withdrawn", [], evidence={"member": share.member.name}, **about)
    timeline.record(contact, "consent", f"{share.member.name} no longer gets name and address", actor="visitor")
    return True
