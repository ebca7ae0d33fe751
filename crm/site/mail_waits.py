"""Whether mail waits although it should have gone: the dashboard says so."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from crm.base import clock
from crm.delivery import rests, waiting
from crm.delivery.models import Delivery, Message
from crm.extensions import db

PATIENCE = timedelta(minutes=5)
# Counting stops here: more is more.
MANY = 10_000


@dataclass(frozen=True)
class Waits:
    """How many mails wait, since when the oldest is due, what the mail server said, and when it is tried again."""

    number: int
    since: datetime | None
    reason: str
    again_at: datetime | None

    @property
    def many(self) -> bool:
        return self.number >= MANY


def look() -> Waits | None:
    """Return what waits, or None where all is well.

    All is well while a worker has mail in hand: a large mailing takes its time.
    """
    ids = waiting.message_ids(db.session.connection())
    if not ids:
        return None
    trouble = next(iter(rests.current()), None)
    number, since, busy = _overdue(ids, timedelta() if trouble else PATIENCE)
    if not number or (busy and trouble is None):
        return None
    return Waits(number, since, trouble.reason if trouble else "", trouble.until if trouble else None)


def _overdue(ids: Collection[int], patience: timedelta) -> tuple[int, datetime | None, bool]:
    """Return how many mails of these messages are late, since when, and whether a worker has mail in hand."""
    messages = select(Message.id).where(Message.id.in_(ids), Message.state == "open")
    held = select(Delivery.id).where(Delivery.state == "in_flight", Delivery.lease_until > clock.now())
    late = (
        select(Delivery.next_attempt_at)
        .where(
            Delivery.message_id.in_(messages),
            Delivery.state.in_(["queued", "deferred"]),
            Delivery.next_attempt_at < clock.now() - patience,
        )
        .limit(MANY)
        .subquery()
    )
    query = select(func.count(), func.min(late.c.next_attempt_at), held.exists()).select_from(late)
    number, since, busy = db.session.execute(query).one()
    return number, since, busy
