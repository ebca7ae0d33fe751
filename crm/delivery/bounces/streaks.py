"""When soft bounces mean that an address is dead: five messages, over two weeks, and nothing arrived in between."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from crm.delivery import suppression
from crm.delivery.bounces import classes
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Message
from crm.extensions import db

MESSAGES = 5
AT_LEAST = timedelta(days=14)
ENDS_STREAK = ("suppressed", "streak")


def is_dead(address: str, address_hash: str) -> bool:
    """Return whether the soft bounces of an address, as written down so far, end it.

    They count by when the copies left. A copy that the mail server took and that has not come back ends a streak;
    so does a suppression, so that an address which staff opened again gets a new start.
    """
    mine = (Bounce.address_hash == address_hash,)
    last_end = select(func.coalesce(func.max(Bounce.id), 0)).where(*mine, Bounce.effect.in_(ENDS_STREAK))
    soft = select(Bounce.message_id, func.min(Bounce.moment).label("moment")).where(
        *mine,
        Bounce.kind == classes.SOFT,
        Bounce.moment.is_not(None),
        Bounce.id > last_end.scalar_subquery(),
    )
    arrived = _last_arrival(address)
    if arrived is not None:
        soft = soft.where(Bounce.moment > arrived)
    moments = [row.moment for row in db.session.execute(soft.group_by(Bounce.message_id))]
    return len(moments) >= MESSAGES and max(moments) - min(moments) >= AT_LEAST


def was_forgiven(address: str, bounce: Bounce) -> bool:
    """Return whether a bounce is about a copy that left before the address was ended, and staff have lifted that since.

    What they knew when they lifted it, late reports do not know better.
    """
    ended = select(Bounce.id).where(
        Bounce.address_hash == bounce.address_hash,
        Bounce.effect.in_(ENDS_STREAK),
        Bounce.created_at >= bounce.moment,
    )
    if db.session.scalar(ended.limit(1)) is None:
        return False
    return suppression.reasons(address).get(suppression.EVERY_LIST) not in suppression.HARD


def _last_arrival(address: str) -> datetime | None:
    refused = (Bounce.kind.in_(classes.REFUSALS), Bounce.moment.is_not(None))
    came_back = select(Bounce.id).where(Bounce.delivery_id == Delivery.id, *refused).exists()
    query = (
        select(func.max(Delivery.sent_at))
        .select_from(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.address == address, Delivery.state == "sent", ~came_back)
    )
    return db.session.scalar(query)
