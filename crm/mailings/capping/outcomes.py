"""Whom the cap left out of a mailing, written down as its audience is frozen."""

from datetime import datetime

from sqlalchemy import Select, delete, func, literal, select

from crm.base import database
from crm.base.database import insert_into
from crm.contacts.models import Contact
from crm.delivery import pruning
from crm.extensions import db
from crm.mailings import audience, texts
from crm.mailings.capping import rule, turns
from crm.mailings.capping.models import CapOutcome, CappedContact
from crm.mailings.models import Mailing

CHUNK = 5_000  # rows of one transaction: well under 100 ms on SQLite
FORGOTTEN = 20 * CHUNK  # rows of one run


def note(mailing_id: int, turn: int) -> None:
    """Write down whom the cap leaves out of a released mailing, before its copies are queued; commits.

    Where it is done again, whoever was left out stays so, and whoever has a copy by now is not counted. Each of its
    transactions renews the turn, because the look takes a while where there are many; raises turns.Lost.
    """
    with database.looking():
        mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
        cap = rule.of(mailing)
        if cap is None:
            return
        facts = {"mailing_id": mailing_id, "most": cap.most, "days": rule.days(cap)}
        over = audience.over_the_cap(mailing, cap).where(~texts.has_copy(mailing.message_ids))
        found = database.numbers(over)
    for start in range(0, len(found), CHUNK):
        turns.renew(turn)
        # By a select, because some may have been erased or merged meanwhile.
        there = database.one_of(Contact.id, found[start : start + CHUNK])
        rows = select(literal(mailing_id), Contact.id).where(there).order_by(Contact.id)
        statement = insert_into(CappedContact).from_select(["mailing_id", "contact_id"], rows)
        db.session.execute(statement.on_conflict_do_nothing())
        db.session.commit()
    turns.renew(turn)
    _sum_up(facts)


def of(mailing: Mailing) -> CapOutcome | None:
    """Return what the cap was for a mailing that was frozen, and how many it left out; None where it was under none."""
    return db.session.get(CapOutcome, mailing.id)


def people(mailing: Mailing) -> Select[Contact]:
    """Return the query of those whom the cap left out of a released mailing, by their address."""
    left = select(CappedContact.contact_id).where(CappedContact.mailing_id == mailing.id)
    return select(Contact).where(Contact.id.in_(left)).order_by(Contact.email, Contact.id)


def forget_old() -> int:
    """Delete the names, never the numbers, of mailings as old as copies that are no longer kept; for the ticker."""
    before = pruning.before()
    old = _old(before) if before else []
    db.session.rollback()
    deleted = 0
    for mailing_id in old:
        while deleted < FORGOTTEN and (gone := _forget_some(mailing_id)):
            deleted += gone
    return deleted


def _old(before: datetime) -> list[int]:
    query = select(Mailing.id).where(Mailing.finished_at < before, Mailing.id.in_(select(CappedContact.mailing_id)))
    with database.looking():
        return list(db.session.scalars(query.order_by(Mailing.id)))


def _forget_some(mailing_id: int) -> int:
    some = select(CappedContact.contact_id).where(CappedContact.mailing_id == mailing_id).limit(CHUNK)
    these = delete(CappedContact).where(CappedContact.mailing_id == mailing_id, CappedContact.contact_id.in_(some))
    gone = int(db.session.execute(these.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
    db.session.commit()
    return gone


def _sum_up(facts: dict[str, int]) -> None:
    rows = select(func.count()).select_from(CappedContact).where(CappedContact.mailing_id == facts["mailing_id"])
    statement = insert_into(CapOutcome).values(**facts, left_out=db.session.scalar(rows))
    added = {name: statement.excluded[name] for name in ("most", "days", "left_out")}
    db.session.execute(statement.on_conflict_do_update(index_elements=["mailing_id"], set_=added))
    db.session.commit()
