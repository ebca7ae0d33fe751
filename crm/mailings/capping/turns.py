"""Audiences are frozen one at a time, so that of two mailings neither overlooks the copies of the other.

A mailing takes the turn, looks who has got enough, queues its copies chunk by chunk, and gives the turn back. Each
chunk renews the turn in its own transaction: a process that stood still until another took over queues nothing more.
What a killed process leaves behind is taken over by the next try for the same mailing, or runs out.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, Update, or_, update

from crm.base import clock
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.capping.rule import ONLY

LEASE = timedelta(minutes=2)


class Lost(Exception):
    """Another process has the turn: what was queued stays, the rest is looked at anew at the next turn."""


def take(mailing_id: int) -> int | None:
    """Take the turn, commit, and return its number; None where another mailing has it.

    Of two that take it for the same mailing the first one loses it: it may have been killed.
    """
    db.session.execute(insert_into(FrequencyCap).values(id=ONLY, free_kinds=[]).on_conflict_do_nothing())
    now = clock.shared(db.session.connection())
    free = or_(FrequencyCap.turn_id.is_(None), FrequencyCap.turn_id == mailing_id, FrequencyCap.turn_until < now)
    taken = _change(free).values(turn_id=mailing_id, turn_until=now + LEASE, turn_number=FrequencyCap.turn_number + 1)
    turn = db.session.scalar(taken.returning(FrequencyCap.turn_number))
    db.session.commit()
    return turn


def renew(turn: int) -> None:
    """Keep the turn of that number, in the caller's transaction, which nobody else can then overlook; raises Lost."""
    until = clock.shared(db.session.connection()) + LEASE
    renewed = db.session.execute(_change(*_is_still(turn)).values(turn_until=until))
    if not renewed.rowcount:  # type: ignore[attr-defined]
        raise Lost


def give_back(turn: int) -> None:
    """Let others freeze, and commit. What was not committed before is dropped."""
    db.session.rollback()
    db.session.execute(_change(*_is_still(turn)).values(turn_id=None))
    db.session.commit()


def _is_still(turn: int) -> tuple[ColumnElement[bool], ...]:
    return FrequencyCap.turn_number == turn, FrequencyCap.turn_id.is_not(None)


def _change(*conditions: ColumnElement[bool]) -> Update:
    return update(FrequencyCap).where(FrequencyCap.id == ONLY, *conditions).execution_options(synchronize_session=False)
