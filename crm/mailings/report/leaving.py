"""Who is taken to have left because of a mailing: whoever leaves its topic within seven days after it."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select

from crm.base import clock
from crm.contacts.models import Subscription
from crm.delivery.models import Delivery, PrunedCount
from crm.extensions import db
from crm.mailings import texts
from crm.mailings.models import Mailing

LEFT_WITHIN = timedelta(days=7)
LEFT = "unsubscribed"
"""The name under which they are counted when their copies are pruned (registries.counted_people)."""


def number(mailing: Mailing) -> int:
    """Return how many have left."""
    return sum(by_message(mailing).values())


def by_message(mailing: Mailing) -> dict[int, int]:
    """Return how many have left of those who got each message of a mailing, by its id; pruned copies still count."""
    found = dict.fromkeys(mailing.message_ids, 0)
    if mailing.released_at is None or not found:
        return found
    # In one statement, because a copy may pass from one side to the other between two.
    standing = select(Delivery.message_id, func.count(Delivery.contact_id.distinct()).label("number"))
    standing = standing.where(*_reached(mailing), Delivery.contact_id.in_(after(mailing))).group_by(Delivery.message_id)
    gone = select(PrunedCount.message_id, PrunedCount.number)
    gone = gone.where(PrunedCount.message_id.in_(found), PrunedCount.state == LEFT)
    for message_id, left in db.session.execute(standing.union_all(gone)):
        found[message_id] += int(left)
    return found


def who(mailing: Mailing) -> Select[int | None]:
    """Return the select of the ids of those who got the mailing and left after it."""
    return select(Delivery.contact_id).where(*_reached(mailing), Delivery.contact_id.in_(after(mailing)))


def of_message(message_id: int, contact_ids: Collection[int]) -> set[int]:
    """Return who of these, who got the mailing of that message, has left."""
    mailing = texts.mailing_of(message_id)
    if mailing is None or mailing.released_at is None:
        return set()
    return set(db.session.scalars(after(mailing).where(Subscription.contact_id.in_(contact_ids))))


def after(mailing: Mailing) -> Select[int]:
    """Return the select of the ids of those who left the topic of a mailing soon after it, whoever got it."""
    since = mailing.released_at or clock.now()
    return select(Subscription.contact_id).where(
        Subscription.topic_id == mailing.topic_id,
        Subscription.state == "unsubscribed",
        Subscription.since.between(since, since + LEFT_WITHIN),
    )


def _reached(mailing: Mailing) -> tuple[ColumnElement[bool], ...]:
    return (Delivery.message_id.in_(mailing.message_ids), Delivery.state == "sent")
