"""What stands twice of offices when two records become one: held once, sat in once, worked in once."""

from collections.abc import Hashable, Iterable
from typing import Any

from sqlalchemy import select, update

from crm.base import audit, changes
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import AskHandover, CommitteeSeat, Holding, OfficeContact


def fold(influencer: Influencer) -> None:
    """Let the influencer hold each office once at a time, and have each seat that lasts once."""
    held = select(Holding).where(Holding.influencer_id == influencer.id).order_by(Holding.source == "", Holding.id)
    for kept, double in _doubles(db.session.scalars(held), lambda one: (one.office_id, one.until)):
        _fold_holding(kept, double)
    seats = select(CommitteeSeat).where(CommitteeSeat.influencer_id == influencer.id, CommitteeSeat.until.is_(None))
    for _, double in _doubles(db.session.scalars(seats.order_by(CommitteeSeat.id)), lambda one: (one.code, one.role)):
        db.session.delete(double)
    db.session.flush()


def fold_contacts(kept: int, gone: int) -> None:
    """Let the contact who is kept work in an office once in each role; what is said of the other follows."""
    query = select(OfficeContact).where(OfficeContact.contact_id.in_((kept, gone)), OfficeContact.until.is_(None))
    rows = db.session.scalars(query.order_by(OfficeContact.contact_id != kept, OfficeContact.id).with_for_update())
    for one, double in _doubles(rows, lambda row: (row.office_id, row.role)):
        note = one.note if double.note in one.note else f"{one.note}\n\n{double.note}".strip()
        values = {"phone": one.phone or double.phone, "note": note, "since": min(one.since, double.since)}
        changes.keep(one, "office_contact", values)
        _drop(double, "office_contact")
    db.session.flush()


def _fold_holding(kept: Holding, double: Holding) -> None:
    """Keep the one that an import follows, from the first day that is known to the end of the last term."""
    values = {
        "since": min(filter(None, (kept.since, double.since)), default=None),
        "term_ends_on": max(filter(None, (kept.term_ends_on, double.term_ends_on)), default=None),
    }
    changes.keep(kept, "holding", values)
    decided = update(AskHandover).where(AskHandover.holding_id == double.id)
    db.session.execute(decided.values(holding_id=kept.id))
    _drop(double, "holding")


def _drop(row: Any, thing: str) -> None:
    audit.record("delete", thing, row.id)
    db.session.delete(row)


def _doubles(rows: Iterable[Any], key: Any) -> list[tuple[Any, Any]]:
    """Return (the one that stays, the double) of each row that says once more what an earlier one says."""
    present: dict[Hashable, Any] = {}
    return [(present[key(row)], row) for row in rows if present.setdefault(key(row), row) is not row]
