"""The people who agreed that one member gets their name and address, as CSV: those alone, and no more of them.

Left out are addresses that are dead, and people who left all our mail or were forgotten.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, func, select

from crm.base import tables
from crm.base.database import in_batches
from crm.contacts.member_consent import agreeing
from crm.contacts.member_consent.words import purpose_of
from crm.contacts.models import ConsentRecord, ConsentWording, Contact
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db

HEADER = ("email", "first_name", "last_name", "zip_code", "language", "agreed_at", "agreed_to")
BATCH = 1000


def count(organization_id: int) -> int:
    """Return how many people the file holds."""
    query = _records(organization_id).with_only_columns(func.count(ConsentRecord.contact_id.distinct()))
    return db.session.scalar(query) or 0


def lines(organization_id: int) -> Iterator[str]:
    """Yield the lines of the file, formula-safe; reads 1,000 people at a time."""
    yield from tables.csv_lines(HEADER, _rows(organization_id))


def _rows(organization_id: int) -> Iterator[list[str]]:
    query = _records(organization_id).with_only_columns(Contact, ConsentRecord.at, ConsentWording.text)
    query = query.outerjoin(ConsentWording, ConsentWording.id == ConsentRecord.wording_id)
    return in_batches(query, Contact.id, BATCH, _row)


def _records(organization_id: int) -> Select[ConsentRecord]:
    everything = Suppression.list_id == suppression.EVERY_LIST
    blocked = select(Suppression.address_hash).where(Suppression.address_hash == Contact.address_hash, everything)
    return agreeing.given().where(ConsentRecord.purpose == purpose_of(organization_id), ~blocked.exists())


def _row(contact: Contact, at: datetime, words: str | None) -> list[str]:
    who = [contact.email or "", contact.first_name, contact.last_name, contact.zip_code, contact.language]
    return [*who, at.isoformat(timespec="seconds"), words or ""]
