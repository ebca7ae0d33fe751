"""Whom ids, addresses and share codes mean that were given up when two records became one."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select

from crm.contacts.merging.models import MergedContact
from crm.contacts.models import Contact
from crm.extensions import db


def contact(contact_id: int) -> Contact | None:
    """Return the contact of that id, or the one that it became part of."""
    found = db.session.get(Contact, contact_id)
    return found or db.session.scalar(_kept(MergedContact.gone_id == contact_id))


def with_address(email: str) -> Contact | None:
    """Return the contact who has that address, or had it before a merge."""
    found = db.session.scalar(select(Contact).where(Contact.email == email))
    return found or with_addresses([email]).get(email)


def with_addresses(emails: Collection[str], *, lock: bool = False) -> dict[str, Contact]:
    """Return by address the contacts who had these before a merge; `lock` holds them until the transaction ends."""
    query = select(MergedContact.address, Contact).join(Contact, Contact.id == MergedContact.contact_id)
    query = query.where(MergedContact.address.in_(emails)).order_by(Contact.id)
    rows = db.session.execute(query.with_for_update(of=Contact) if lock else query)
    return {row.address: row.Contact for row in rows}


def of(person: Contact) -> list[MergedContact]:
    """Return what was merged into a contact, the newest first."""
    query = select(MergedContact).where(MergedContact.contact_id == person.id)
    return list(db.session.scalars(query.order_by(MergedContact.merged_at.desc(), MergedContact.gone_id)))


def sharer(code: str) -> Contact | None:
    """Return the contact who has that share code, or had it before a merge."""
    found = db.session.scalar(select(Contact).where(Contact.share_code == code))
    return found or db.session.scalar(_kept(MergedContact.share_code == code))


def shared_by(code: str) -> bool:
    """Tell whether a record that is part of another now had that share code."""
    return db.session.scalar(select(MergedContact.gone_id).where(MergedContact.share_code == code).limit(1)) is not None


def _kept(condition: ColumnElement[bool]) -> Select[Contact]:
    return select(Contact).join(MergedContact, MergedContact.contact_id == Contact.id).where(condition)
