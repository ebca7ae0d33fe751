"""The copies of bulk mail that people got, as far as they are kept: which, and since when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, text

from crm.base import clock
from crm.base.database import one_of
from crm.delivery.models import HAS_OCCASION, IS_WAITING, Delivery, Message
from crm.extensions import db
from crm.mailings.models import Mailing, MailingMessage

BULK = Message.kind == "bulk"


def messages(since: datetime | None = None) -> Select[int]:
    """Return the select of the ids of bulk messages; since a moment: of those that may have left since.

    A mailing that was over before it sent nothing since. What belongs to no mailing is looked at copy by copy.
    """
    query = select(Message.id).where(BULK)
    if since is None:
        return query
    over = select(MailingMessage.id).join(Mailing, Mailing.id == MailingMessage.mailing_id)
    over = over.where(MailingMessage.message_id == Message.id, Mailing.finished_at < since)
    return query.where(~over.exists())


def sent(since: datetime | None = None) -> Select[Any]:
    """Return the select of the ids of contacts, one for each copy that was sent (since a moment)."""
    query = select(Delivery.contact_id).where(Delivery.contact_id.is_not(None), Delivery.state == "sent")
    if since is None:
        return query.where(Delivery.message_id.in_(messages()))
    # By their numbers, as below: of those of some weeks PostgreSQL then knows that they are nearly all that was sent.
    lately = db.session.scalars(messages(since)).all()
    return query.where(one_of(Delivery.message_id, lately), Delivery.sent_at >= since)


def of_mailing(mailing_id: int) -> Select[Any]:
    """Return the select of the ids of the contacts who got that mailing: the mail server took their copy."""
    # Its messages by their numbers, of which PostgreSQL knows how many copies there are.
    own = db.session.scalars(select(MailingMessage.message_id).where(MailingMessage.mailing_id == mailing_id)).all()
    query = select(Delivery.contact_id).where(Delivery.message_id.in_(own), Delivery.state == "sent")
    return query.where(Delivery.contact_id.is_not(None))


def of_step(mailing: Mailing, begin: datetime, end: datetime) -> list[Select[Any]]:
    """Return the selects of the ids of the contacts whose copy of a step of a sequence left in that time.

    Where that time is now, there is another: of those whose copy is about to leave.
    """
    named = select(Delivery.contact_id).where(Delivery.contact_id.is_not(None))
    left = named.where(Delivery.message_id.in_(mailing.message_ids), text(HAS_OCCASION), Delivery.state == "sent")
    found = [left.where(Delivery.sent_at >= begin, Delivery.sent_at < end)]
    if begin <= clock.now() < end:
        goes = select(Message.id).where(Message.id.in_(mailing.message_ids), Message.state != "canceled")
        found.append(named.where(Delivery.message_id.in_(goes), text(IS_WAITING)))
    return found
