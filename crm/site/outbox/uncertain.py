"""Copies of which nobody knows whether they arrived, by message; staff send them again or count them as sent."""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from crm.base import audit
from crm.delivery import outbox
from crm.delivery.models import IS_UNCERTAIN, Delivery, Message
from crm.extensions import db
from crm.mailings import scheduling, texts
from crm.mailings.models import Mailing
from crm.site.outbox.copies import Copy, copies

SHOWN = 50  # of each message; its buttons are for all of them
MOST_MESSAGES = 50


@dataclass(frozen=True)
class Doubt:
    """A message with uncertain copies: how many, and the first of them."""

    message: Message
    mailing: Mailing | None
    number: int
    copies: list[Copy]


def everything() -> list[Doubt]:
    """Return the messages with uncertain copies, the newest first."""
    number = func.count(Delivery.id)
    found = select(Delivery.message_id, number.label("number")).where(text(IS_UNCERTAIN)).group_by(Delivery.message_id)
    counts = dict(db.session.execute(found.order_by(Delivery.message_id.desc()).limit(MOST_MESSAGES)).all())
    query = select(Message).options(defer(Message.html), defer(Message.text))
    messages = db.session.scalars(query.where(Message.id.in_(counts)).order_by(Message.id.desc())).all()
    mailings = texts.mailings_of(counts)
    rows = _rows(list(counts))
    return [
        Doubt(m, mailings.get(m.id), counts[m.id], [c for c in rows if c.delivery.message_id == m.id]) for m in messages
    ]


def send_again(message_id: int, delivery_id: int | None = None) -> int:
    """Send one copy or all of a message again; return how many. Raises OutOfStep where its mailing forbids it."""
    if mailing := texts.mailing_of(message_id):
        return scheduling.send_uncertain_again(mailing, message_id, delivery_id)
    number = outbox.resend_uncertain(message_id, delivery_id)
    _record("resend", message_id, number)
    return number


def count_as_sent(message_id: int, delivery_id: int | None = None) -> int:
    """Take one copy or all of a message as arrived; return how many."""
    if mailing := texts.mailing_of(message_id):
        return scheduling.count_uncertain_as_sent(mailing, message_id, delivery_id)
    number = outbox.accept_uncertain(message_id, delivery_id)
    _record("accept", message_id, number)
    return number


def _rows(message_ids: list[int]) -> list[Copy]:
    place = func.row_number().over(partition_by=Delivery.message_id, order_by=Delivery.id).label("place")
    ranked = select(Delivery.id, place).where(text(IS_UNCERTAIN), Delivery.message_id.in_(message_ids)).subquery()
    query = select(Delivery).join(ranked, ranked.c.id == Delivery.id).where(ranked.c.place <= SHOWN)
    return copies(db.session.scalars(query.order_by(Delivery.id)).all())


def _record(verb: str, message_id: int, number: int) -> None:
    if number:
        audit.record(verb, "message", message_id, copies=number)
