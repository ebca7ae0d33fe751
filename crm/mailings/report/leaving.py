"""Who is taken to have left because of a mailing: whoever leaves its topic or all mail within seven days after it came.

That stands in the records of consent: who got it without a subscription to its topic has none that ends.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Select, func, literal, select

from crm.contacts.leaving import withdrew
from crm.contacts.models import ConsentRecord
from crm.delivery.models import Delivery, PrunedCount
from crm.extensions import db
from crm.mailings import texts
from crm.mailings.models import Mailing
from crm.mailings.report import beginning

LEFT_WITHIN = timedelta(days=7)
LEFT = "unsubscribed"
"""The name under which they are counted when their copies are pruned (registries.counted_people)."""


def number(mailing: Mailing) -> int:
    """Return how many have left."""
    return sum(by_message(mailing).values())


def by_message(mailing: Mailing) -> dict[int, int]:
    """Return how many have left of those who got each message of a mailing, by its id; pruned copies still count."""
    found = dict.fromkeys(mailing.message_ids, 0)
    if not found:
        return found
    # In one statement, because a copy may pass from one side to the other between two.
    standing = select(Delivery.message_id, func.count(Delivery.contact_id.distinct()).label("number"))
    standing = standing.where(Delivery.message_id.in_(found), has_left(mailing)).group_by(Delivery.message_id)
    gone = select(PrunedCount.message_id, PrunedCount.number)
    gone = gone.where(PrunedCount.message_id.in_(found), PrunedCount.state == LEFT)
    for message_id, left in db.session.execute(standing.union_all(gone)):
        found[message_id] += int(left)
    return found


def who(mailing: Mailing) -> Select[int | None]:
    """Return the select of the ids of those who got the mailing and left after it."""
    return select(Delivery.contact_id).where(Delivery.message_id.in_(mailing.message_ids), has_left(mailing))


def of_message(message_id: int, contact_ids: Collection[int]) -> set[int]:
    """Return who of these, who got the mailing of that message, has left."""
    mailing = texts.mailing_of(message_id)
    if mailing is None:
        return set()
    left = select(Delivery.contact_id).where(Delivery.message_id == message_id, has_left(mailing))
    return {one for one in db.session.scalars(left.where(Delivery.contact_id.in_(contact_ids))) if one is not None}


def has_left(mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a copy of the mailing was sent, and whoever got it left soon after."""
    gone: list[ColumnElement[bool]] = [withdrew(mailing.topic)]
    if since := beginning.of(mailing):
        gone.append(ConsentRecord.at >= since)
    after = (ConsentRecord.at >= Delivery.sent_at, ConsentRecord.at <= _week_after(Delivery.sent_at))
    own = select(ConsentRecord.id).where(ConsentRecord.contact_id == Delivery.contact_id, *gone, *after)
    # Those who left are few, and found once; only their copies are looked at one by one.
    among = Delivery.contact_id.in_(select(ConsentRecord.contact_id).where(*gone))
    return (Delivery.state == "sent") & among & own.correlate(Delivery).exists()


def _week_after(at: Any) -> Any:
    if db.engine.dialect.name == "postgresql":
        return at + literal(LEFT_WITHIN, Interval())
    return func.strftime("%Y-%m-%d %H:%M:%f", at, f"+{LEFT_WITHIN.days} days")
