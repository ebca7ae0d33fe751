"""Forgetting a person: name, address and all that tells who it was goes; that they stay out is kept.

What is kept, and why, stands in docs/privacy.md: the keyed hash of each address as a suppression, and the proof of
consent by that hash.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, String, cast, delete, literal, or_, select, update

from crm.base import audit, database, registries
from crm.base.changes import Refused, lock
from crm.base.models import AuditEntry
from crm.contacts.merging import former
from crm.contacts.models import ConsentRecord, Contact
from crm.delivery import suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Suppression
from crm.extensions import db

REASONS = {
    "mail": "By e-mail or letter",
    "telephone": "By telephone",
    "person": "In person",
    "law": "Somebody acts for them, or a law says so",
    "own": "Nobody asked; we no longer need the data",
}
FORGOTTEN = "erased"
BATCH = 20
PLACE = "asked for"  # What stands behind it was typed by staff, and may name the person.


def forget(contact: Contact, reason: str) -> Sequence[Path]:
    """Forget the contact, and return the files to delete once that is committed; raises Refused."""
    lock(contact)
    given_up = former.of(contact)
    ids = [contact.id, *(one.gone_id for one in given_up)]
    emails = {email for email in (contact.email, *(one.address for one in given_up)) if email}
    if db.session.scalar(select(Delivery.id).where(_copies(ids), Delivery.state == "in_flight").limit(1)):
        raise Refused("A mail to this person is being sent at this moment. Try again in a minute.", "word")
    files = [path for each in registries.erasures for path in each.forget(contact.id)]
    _keep_out(emails)
    take_names_off_copies(_copies(ids))
    _take_names_off_proof(contact.id)
    take_names_off_audit("contact", ids)
    db.session.flush()
    db.session.execute(delete(Contact.metadata.tables["contact"]).where(Contact.id == contact.id))
    db.session.expire_all()
    db.session.expunge(contact)
    audit.record("forget", "contact", reason=REASONS[reason])
    return files


def again() -> int:
    """Forget who is on record again after they were forgotten, by an old backup or a list; returns how many. A job.

    Commits after each.
    """
    same = (Suppression.address_hash == Contact.address_hash) & (Contact.address_hash != "")
    query = select(Contact.id).join(Suppression, same).where(Suppression.reason == FORGOTTEN).distinct()
    with database.looking():
        found = list(db.session.scalars(query.order_by(Contact.id).limit(BATCH)))
    return sum(_forget_if_free(number) for number in found)


def was_forgotten(email: str) -> bool:
    """Tell whether the person with this address asked to be forgotten."""
    return suppression.reasons(email).get(suppression.EVERY_LIST) == FORGOTTEN


def take_names_off_audit(thing: str, numbers: Collection[int]) -> None:
    """Leave of these entries of the audit trail only what was done, when, and by whom."""
    entries = update(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id.in_(numbers))
    db.session.execute(entries.values(changes={}, reason="").execution_options(synchronize_session=False))


def take_names_off_copies(which: ColumnElement[bool]) -> None:
    """Leave of each of these copies its message, state and moment; it stays one of its own by its number."""
    numbers = select(Delivery.id).where(which)
    hidden = {"recipient": "", "diagnostic": "", "text": ""}
    quiet = {"synchronize_session": False}
    db.session.execute(update(Bounce).where(Bounce.delivery_id.in_(numbers)).values(hidden).execution_options(**quiet))
    nobody = literal("forgotten-") + cast(Delivery.id, String) + literal("@invalid")
    values = {"address": nobody, "contact_id": None, "merge": None, "smtp_reply": None}
    db.session.execute(update(Delivery).where(which).values(values).execution_options(**quiet))


def _forget_if_free(contact_id: int) -> bool:
    contact = db.session.get(Contact, contact_id)
    if contact is None:
        return False
    try:
        files = forget(contact, "own")
    except Refused:
        db.session.rollback()
        return False
    db.session.commit()
    for path in files:
        path.unlink(missing_ok=True)
    return True


def _keep_out(emails: Collection[str]) -> None:
    suppression.suppress_all(dict.fromkeys(emails, FORGOTTEN))
    hashes = [suppression.address_hash(email) for email in emails]
    blocked = (Suppression.address_hash.in_(hashes), Suppression.list_id == suppression.EVERY_LIST)
    # A complaint would stay one; that they asked to be forgotten says more.
    db.session.execute(update(Suppression).where(*blocked).values(reason=FORGOTTEN))


def _copies(ids: Collection[int]) -> ColumnElement[bool]:
    return Delivery.contact_id.in_(ids) & Delivery.contact_id.is_not(None)


def _take_names_off_proof(contact_id: int) -> None:
    mine = update(ConsentRecord).where(ConsentRecord.contact_id == contact_id)
    by_staff = or_(ConsentRecord.place.startswith(PLACE), ConsentRecord.method == "staff")
    for statement in (mine.where(by_staff).values(place=PLACE), mine.values(contact_id=None, ip=None, evidence={})):
        db.session.execute(statement.execution_options(synchronize_session=False))
