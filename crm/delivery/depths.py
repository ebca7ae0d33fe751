"""How many deliveries are in each state, cheap however many there are.

What is few is counted as it is now, along the partial indexes. What is many was counted by the timetable a moment ago:
a count that takes long is repeated the more seldom.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from crm.base import clock, database
from crm.base.database import insert_into
from crm.delivery.models import (
    IS_DEFERRED,
    IS_FAILED,
    IS_IN_FLIGHT,
    IS_STOPPED,
    IS_UNCERTAIN,
    IS_WAITING,
    STATES,
    Delivery,
    Message,
    StateCount,
)
from crm.extensions import db

FEW = 2_000  # So many are counted in a request.
REST = 20  # A count that took a second is repeated after so many of them.
LIVE = {
    "waiting": IS_WAITING,
    "deferred": IS_DEFERRED,
    "in_flight": IS_IN_FLIGHT,
    "uncertain": IS_UNCERTAIN,
    "failed": IS_FAILED,
    "suppressed": f"{IS_STOPPED} AND state = 'suppressed'",
    "canceled": f"{IS_STOPPED} AND state = 'canceled'",
}
BOUNDED = text(
    " UNION ALL ".join(
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT 1 FROM delivery WHERE {where} LIMIT {FEW + 1}) AS few)"
        for name, where in LIVE.items()
    )
)
IS_SMALL = text(f"SELECT count(*) <= {FEW} FROM (SELECT 1 FROM delivery LIMIT {FEW + 1}) AS few")
BY_STATE = select(Delivery.state, func.count()).group_by(Delivery.state)
# What is waited for by message: its first row in the partial index.
FIRST_DUE = (
    select(Delivery.next_attempt_at)
    .where(Delivery.message_id == Message.id, text(IS_WAITING))
    .order_by(Delivery.next_attempt_at)
    .limit(1)
    .scalar_subquery()
)


@dataclass(frozen=True)
class Depth:
    """How many deliveries are in a state; counted_at: when, where it is not as of now; more: at least so many."""

    state: str
    number: int
    counted_at: datetime | None = None
    more: bool = False


def look() -> dict[str, Depth]:
    """Return the number of deliveries of all states."""
    if db.session.scalar(IS_SMALL):
        exact = dict(db.session.execute(BY_STATE).all())
        return {state: Depth(state, exact.get(state, 0)) for state in STATES}
    few: dict[str, int] = dict(db.session.execute(BOUNDED).all())
    few["queued"] = few["waiting"] - few["deferred"] if few["waiting"] <= FEW else few["waiting"]
    counted = {row.state: row for row in db.session.scalars(select(StateCount))}
    return {state: _depth(state, few.get(state), counted.get(state)) for state in STATES}


def oldest_due(message_ids: Sequence[int]) -> datetime | None:
    """Return since when the delivery is due that waits longest, of those of these messages that nobody holds back."""
    query = select(func.min(FIRST_DUE)).where(Message.id.in_(message_ids), Message.state == "open")
    first = db.session.scalar(query)
    return first if first and first <= clock.now() else None


def count() -> None:
    """Count all states anew where the last count is old enough; for the ticker. Commits."""
    with database.looking():
        last = db.session.scalars(select(StateCount).order_by(StateCount.counted_at).limit(1)).first()
        if last and clock.now() - last.counted_at < timedelta(seconds=REST * last.seconds):
            return
        begun = time.monotonic()
        found = dict(db.session.execute(BY_STATE).all())
        seconds = time.monotonic() - begun
    shared = {"counted_at": clock.now(), "seconds": seconds}
    statement = insert_into(StateCount).values([{"state": s, "number": found.get(s, 0), **shared} for s in STATES])
    fresh = {"number": statement.excluded.number, **shared}
    db.session.execute(statement.on_conflict_do_update(index_elements=["state"], set_=fresh))
    db.session.commit()


def _depth(state: str, few: int | None, counted: StateCount | None) -> Depth:
    if few is not None and few <= FEW:
        return Depth(state, few)
    if counted is None:
        return Depth(state, few or 0, more=True)
    return Depth(state, max(few or 0, counted.number), counted.counted_at)
