"""Making one record of two of the same person: `kept` stays, and `gone` becomes part of it."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, or_, select, update

from crm.base import audit, clock, references, registries
from crm.base.changes import Refused
from crm.contacts import timeline
from crm.contacts.by_hand import PROFILE
from crm.contacts.merging import consents, copies
from crm.contacts.merging.copies import Merged
from crm.contacts.merging.models import MergedContact, NotTheSame
from crm.contacts.models import Contact
from crm.extensions import db

# Fields of a contact of which one value is kept.
FIELDS = ("email", *PROFILE, "source_id")
CONTACT = Contact.metadata.tables[Contact.__tablename__]
APART = frozenset({NotTheSame.__tablename__, "subscription"})
ANEW = {"populate_existing": True}
UNKNOWN = "There is no such person on record. Search for somebody else."


def find(contact_id: int, user: Any) -> Contact | None:
    """Return the contact, where the user sees all that would move with them."""
    return db.session.scalar(select(Contact).where(Contact.id == contact_id, *seen(user)))


def seen(user: Any) -> list[Any]:
    """Return the conditions for contacts whom the user may merge."""
    return [each.seen(Contact.id, user) for each in registries.merges]


def locked(kept_id: int, gone_id: int, user: Any) -> tuple[Contact, Contact]:
    """Return both contacts, whom nobody else changes until the transaction ends; raises Refused."""
    if kept_id == gone_id:
        raise Refused("That is the same record. Choose another one.", "gone")
    if missing := [number for number in (gone_id, kept_id) if find(number, user) is None]:
        raise Refused(_why_not(missing[0]), "gone")
    for each in registries.merges:  # Before the contacts, because who edits a profile locks that first.
        each.check(kept_id, gone_id, user)
    query = select(Contact).where(Contact.id.in_((kept_id, gone_id)), *seen(user)).order_by(Contact.id)
    found = {one.id: one for one in db.session.scalars(query.with_for_update(), execution_options=ANEW)}
    if missing := [number for number in (gone_id, kept_id) if number not in found]:
        raise Refused(_why_not(missing[0]), "gone")
    return found[kept_id], found[gone_id]


def merge(kept_id: int, gone_id: int, of_gone: Collection[str], user: Any) -> Merged:
    """Let the contact `gone` become part of `kept`, and return what mail has to know of it.

    `of_gone` names the fields of which the value of the one that goes is kept. Raises Refused. What waits to be sent is
    to be settled once more after the commit, see `copies`.
    """
    kept, gone = locked(kept_id, gone_id, user)
    home, other = (gone, kept) if _takes("email", kept, gone, of_gone) else (kept, gone)
    merged = Merged(kept.id, gone.id, home.email or "", other.email or "")
    refused = consents.refused(kept) | consents.refused(gone)
    consents.void_sign_ups(other)
    consents.settle_sign_ups(kept, gone)
    consents.unite(kept, gone, home)
    code = gone.share_code
    _take_values(kept, gone, of_gone)
    _tell_pairs(kept.id, gone.id)
    for each in registries.merges:
        each.follow(kept.id, gone.id, of_gone, user)
    _part_with(kept.id, gone)
    _remember(merged, code)
    kept = db.session.get_one(Contact, kept_id)
    consents.refuse(kept, refused)
    timeline.record(kept, "staff", "Two records of this person became one")
    audit.record("merge", "contact", kept.id, gone=[gone_id, None], taken=sorted(of_gone))
    db.session.flush()
    return replace(merged, canceled=copies.settle(merged))


def _why_not(contact_id: int) -> str:
    """Say that somebody else merged the record meanwhile; all others that cannot be merged are unknown."""
    row = db.session.get(MergedContact, contact_id)
    if row is None:
        return UNKNOWN
    who = row.merged_by or "Somebody"
    return f"{who} has merged one of these two records into another one meanwhile. Nothing was changed."


def _takes(name: str, kept: Contact, gone: Contact, of_gone: Collection[str]) -> bool:
    """Tell whether the value of the one that goes is kept: as chosen, or because the other says nothing."""
    return bool(getattr(gone, name)) and (name in of_gone or not getattr(kept, name))


def _take_values(kept: Contact, gone: Contact, of_gone: Collection[str]) -> None:
    values = {name: getattr(gone, name) for name in FIELDS if _takes(name, kept, gone, of_gone)}
    kept.created_at = min(kept.created_at, gone.created_at)
    moments = [moment for moment in (kept.confirmed_at, gone.confirmed_at) if moment]
    kept.confirmed_at = min(moments, default=None)
    gone.email = None  # No two contacts have one address, not even for a moment.
    db.session.flush()
    for name, value in values.items():
        setattr(kept, name, value)
    db.session.flush()


def _tell_pairs(kept_id: int, gone_id: int) -> None:
    """Let who is not the same as the one that goes not be the same as the one that is kept."""
    either = or_(NotTheSame.first_id == gone_id, NotTheSame.second_id == gone_id)
    for pair in db.session.scalars(select(NotTheSame).where(either)).all():
        third = pair.second_id if pair.first_id == gone_id else pair.first_id
        db.session.delete(pair)
        ends = {"first_id": min(third, kept_id), "second_id": max(third, kept_id)}
        if third != kept_id and db.session.get(NotTheSame, ends) is None:
            db.session.add(NotTheSame(**ends, said_at=pair.said_at, said_by=pair.said_by))
    db.session.flush()


def _part_with(kept_id: int, gone: Contact) -> None:
    """Let all that is left follow, and delete the record that is gone."""
    db.session.flush()
    apart = APART.union(*(each.tables for each in registries.merges))
    references.repoint(CONTACT, kept_id, gone.id, apart)
    db.session.execute(delete(CONTACT).where(Contact.id == gone.id))
    db.session.expire_all()
    db.session.expunge(gone)


def _remember(merged: Merged, share_code: str) -> None:
    row = MergedContact(gone_id=merged.gone_id, contact_id=merged.contact_id, share_code=share_code)
    row.address, row.merged_at, row.merged_by = merged.former or None, clock.now(), audit.actor()
    # A former address that is in use again needs no second way to the person.
    db.session.execute(update(MergedContact).where(MergedContact.address == merged.home).values(address=None))
    db.session.add(row)
    db.session.flush()
