"""Audiences are frozen one at a time, so that of two mailings neither overlooks the copies of the other.

A mailing takes the turn, looks who has got enough, queues its copies chunk by chunk, and gives the turn back. Each
chunk renews the turn in its own transaction: a process that stood still until another took over queues nothing more.
What a killed process leaves behind is renewed by the next try for the same mailing, or runs out.
"""

from datetime import timedelta

from sqlalchemy import or_, update

from crm.base import clock
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.capping.rule import ONLY

LEASE = timedelta(minutes=2)


class Lost(Exception):
    """Another mailing has the turn: what was queued stays, the rest is looked at anew at the next turn."""


def take(mailing_id: int) -> bool:
    """Take the turn, and commit; return whether it was free, or the mailing's already."""
    db.session.execute(insert_into(FrequencyCap).values(id=ONLY, free_kinds=[]).on_conflict_do_nothing())
    now = clock.shared(db.session.connection())
    free = or_(FrequencyCap.turn_id.is_(None), FrequencyCap.turn_id == mailing_id, FrequencyCap.turn_until < now)
    taken = _set(mailing_id, free)
    db.session.commit()
    return taken


def renew(mailing_id: int) -> None:
    """Keep the turn, in the caller's transaction, which nobody else can then overlook; raises Lost."""
    if not _set(mailing_id, FrequencyCap.turn_id == mailing_id):
        raise Lost


def give_back(mailing_id: int) -> None:
    """Let others freeze, and commit. What was not committed before is dropped."""
    db.session.rollback()
    mine = update(FrequencyCap).where(FrequencyCap.id == ONLY, FrequencyCap.turn_id == mailing_id)
    db.session.execute(mine.values(turn_id=None).execution_options(synchronize_session=False))
    db.session.commit()


def _set(mailing_id: int, condition: object) -> bool:
    until = clock.shared(db.session.connection()) + LEASE
    statement = update(FrequencyCap).where(FrequencyCap.id == ONLY, condition)  # type: ignore[arg-type]
    statement = statement.values(turn_id=mailing_id, turn_until=until).execution_options(synchronize_session=False)
    return db.session.execute(statement).rowcount == 1  # type: ignore[attr-defined]
