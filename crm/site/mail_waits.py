"""Whether mail waits although it should have gone: the dashboard says so."""

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
    trouble = next(iter(rests.current()), None)
    if trouble is None and _worker_is_busy():
        return None
    number, since = _overdue(timedelta() if trouble else PATIENCE)
    if not number:
        return None
    return Waits(number, since, trouble.reason if trouble else "", trouble.until if trouble else None)


def _worker_is_busy() -> bool:
    held = select(Delivery.id).where(Delivery.state == "in_flight", Delivery.lease_until > clock.now()).limit(1)
    return db.session.scalar(held) is not None


def _overdue(patience: timedelta) -> tuple[int, datetime | None]:
    messages = select(Message.id).where(
        Message.id.in_(waiting.message_ids(db.session.connection())), Message.state == "open"
    )
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
    number, since = db.session.execute(select(func.count(), func.min(late.c.next_attempt_at))).one()
    return number, since
