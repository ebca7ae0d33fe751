"""When soft bounces mean that an address is dead: five messages, over two weeks, and nothing arrived in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from crm.base import clock, signing
from crm.base.columns import UtcDateTime
from crm.delivery import suppression
from crm.delivery.bounces import classes
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Message
from crm.extensions import db

MESSAGES = 5
AT_LEAST = timedelta(days=14)
COMES_BACK_WITHIN = timedelta(days=7)  # Mail servers give a copy up after five days, as a rule (RFC 5321 §4.5.4.1).
ENDS_STREAK = ("suppressed", "streak")
REFUSED = (Bounce.kind.in_(classes.REFUSALS), Bounce.moment.is_not(None))
FORGET = (
    update(Bounce.__table__)  # type: ignore[arg-type]
    .where(Bounce.address_hash == bindparam("of"), Bounce.kind == classes.SOFT)
    .where(Bounce.moment <= bindparam("arrived", type_=UtcDateTime()))
    .values(moment=None)
)


class Ending(NamedTuple):
    """When a copy arrived at an address with soft bounces, so that those before it count no more."""

    address_hash: str
    arrived: datetime


def is_dead(address: str, address_hash: str) -> bool:
    """Return whether the soft bounces of an address, as written down so far, end it.

    They count by when the copies left. A copy that the mail server took a week ago and that has not come back ends a
    streak; so does a suppression, so that an address which staff opened again gets a new start.
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


def endings(copies: Sequence[Any]) -> list[Ending]:
    """Return which of these sent copies (rows with id, address and sent_at) have ended a streak. Reads only."""
    key = signing.key("suppression")
    hashes = {row.id: suppression.hashed(row.address, key) for row in copies}
    soft = select(Bounce.address_hash).where(Bounce.address_hash.in_(set(hashes.values())), Bounce.kind == classes.SOFT)
    bounced = set(db.session.scalars(soft.distinct()))
    among = [row for row in copies if hashes[row.id] in bounced]
    came_back = select(Bounce.delivery_id).where(Bounce.delivery_id.in_([row.id for row in among]), *REFUSED)
    refused = set(db.session.scalars(came_back)) if among else set()
    return [Ending(hashes[row.id], row.sent_at) for row in among if row.id not in refused]


def end(found: Sequence[Ending]) -> None:
    """Let the soft bounces before these arrivals count no more, because the copies that arrived are deleted."""
    if found:
        db.session.connection().execute(FORGET, [{"of": one.address_hash, "arrived": one.arrived} for one in found])


def _last_arrival(address: str) -> datetime | None:
    came_back = select(Bounce.id).where(Bounce.delivery_id == Delivery.id, *REFUSED).exists()
    query = (
        select(func.max(Delivery.sent_at))
        .select_from(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.address == address, Delivery.state == "sent", ~came_back)
        .where(Delivery.sent_at < clock.now() - COMES_BACK_WITHIN)
    )
    return db.session.scalar(query)
