"""The consent wordings of each language: the one that is shown, drafts, and those of the past."""

from dataclasses import dataclass

from sqlalchemy import func, select

from crm.base.locales import IN_ENGLISH
from crm.contacts import wordings
from crm.contacts.models import ConsentRecord, ConsentWording
from crm.extensions import db


@dataclass(frozen=True)
class Language:
    """The wordings of one language, the newest first; `records` tells how many agreed to each, by its id.

    `proposal` is the one that we propose, where there is none yet.
    """

    code: str
    name: str
    live: ConsentWording | None
    drafts: list[ConsentWording]
    past: list[ConsentWording]
    records: dict[int, int]
    proposal: str = ""


def by_language(purpose: str, name: str) -> list[Language]:
    """Return every language with its wordings for that purpose; `name` is the coalition's."""
    query = select(ConsentWording).where(ConsentWording.purpose == purpose).order_by(ConsentWording.id.desc())
    rows = db.session.scalars(query).all()
    agreed = select(ConsentRecord.wording_id, func.count()).group_by(ConsentRecord.wording_id)
    records = {wording_id: number for wording_id, number in db.session.execute(agreed) if wording_id}
    found = []
    for code, label in IN_ENGLISH.items():
        proposal = wordings.proposal(code, name, purpose)
        found.append(_language(code, label, [row for row in rows if row.language == code], records, proposal))
    return found


def _language(code: str, name: str, rows: list[ConsentWording], records: dict[int, int], proposal: str) -> Language:
    return Language(
        code,
        name,
        live=next((row for row in rows if row.live), None),
        drafts=[row for row in rows if row.reviewed_at is None],
        past=[row for row in rows if row.reviewed_at is not None and not row.live],
        records=records,
        proposal="" if rows else proposal,
    )
