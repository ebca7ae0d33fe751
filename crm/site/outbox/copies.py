"""The rows behind the numbers of the outbox: copies in one state, newest first, and the messages they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, text

from crm.base.pages import Page, count, cut
from crm.delivery.depths import FEW
from crm.delivery.models import (
    IS_DEFERRED,
    IS_FAILED,
    IS_IN_FLIGHT,
    IS_STOPPED,
    IS_UNCERTAIN,
    IS_WAITING,
    Delivery,
    Message,
)
from crm.extensions import db
from crm.mailings.models import MailingMessage

# Each state is read along an index that it has, in that index's order.
ORDERS: dict[str, tuple[str, Sequence[Any]]] = {
    "queued": (IS_WAITING, (Delivery.message_id, Delivery.next_attempt_at, Delivery.id)),
    "in_flight": (IS_IN_FLIGHT, (Delivery.owner, Delivery.id)),
    "sent": ("state = 'sent'", (Delivery.id.desc(),)),
    "deferred": (IS_DEFERRED, (Delivery.next_attempt_at, Delivery.id)),
    "failed": (IS_FAILED, (Delivery.first_tried_at.desc(), Delivery.id.desc())),
    "suppressed": (IS_STOPPED, (Delivery.id.desc(),)),
    "canceled": (IS_STOPPED, (Delivery.id.desc(),)),
    "uncertain": (IS_UNCERTAIN, (Delivery.message_id, Delivery.id)),
}


@dataclass(frozen=True)
class Copy:
    """A delivery, the subject of its message, and its mailing where it is of one."""

    delivery: Delivery
    subject: str
    mailing_id: int | None
    sender_address: str

    @property
    def mail_id(self) -> str:
        """The Message-ID, as the relay's log shows it."""
        domain = self.sender_address.rpartition("@")[2]
        return f"<{self.delivery.id}.{self.delivery.uuid}@{domain}>"


def page(state: str, number: int) -> Page:
    """Return a page of the copies in that state; no more than the first 2,000 are counted and shown."""
    where, order = ORDERS[state]
    query = select(Delivery).where(text(where), Delivery.state == state).order_by(*order)
    total = count(query.order_by(None).with_only_columns(Delivery.id).limit(FEW))
    return cut(lambda start, stop: copies(db.session.scalars(query.slice(start, stop)).all()), total, number)


def copies(rows: Sequence[Delivery]) -> list[Copy]:
    """Return the rows with what is known of their messages."""
    of = {row.id: row for row in db.session.execute(_messages({row.message_id for row in rows}))}
    return [
        Copy(row, of[row.message_id].subject, of[row.message_id].mailing_id, of[row.message_id].sender_address)
        for row in rows
    ]


def _messages(ids: set[int]) -> Select[int, str, str, int]:
    query = select(Message.id, Message.subject, Message.sender_address, MailingMessage.mailing_id)
    return query.outerjoin(MailingMessage, MailingMessage.message_id == Message.id).where(Message.id.in_(ids))
