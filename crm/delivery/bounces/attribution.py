"""Which delivery a bounce is about: the signed envelope sender, our Message-ID, the provider's tag, the recipient."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from crm.base import clock
from crm.delivery.addresses import normalize
from crm.delivery.bounces.clues import Clues
from crm.delivery.models import Delivery, Message
from crm.extensions import db

COPY = select(
    Delivery.id,
    Delivery.uuid,
    Delivery.message_id,
    Delivery.address,
    func.coalesce(Delivery.sent_at, Delivery.first_tried_at).label("moment"),
)
VERP, MESSAGE_ID, METADATA, RECIPIENT, NONE = "verp", "message_id", "metadata", "recipient", "none"
UNSUBSCRIBE = "unsubscribe"  # No delivery: the contact, by the signed address to unsubscribe at.
LEDGER = "ledger"  # Refused while it was sent, so nobody has to be found.
RECENT = timedelta(days=30)


class Copy(NamedTuple):
    """A delivery as far as a bounce needs it; moment: when it left, or was first tried."""

    id: int
    uuid: str
    message_id: int
    address: str
    moment: datetime | None


def by_clues(clues: Clues) -> tuple[Copy | None, str]:
    """Return the delivery that the clues name and how; the uuid, which nobody can guess, must be the delivery's own."""
    for how, pairs in ((VERP, clues.signed), (MESSAGE_ID, clues.message_ids), (METADATA, clues.tags)):
        if found := _named(pairs):
            return found, how
    return None, NONE


def by_recipient(address: str) -> tuple[Copy | None, str]:
    """Return the last copy that went to an address in 30 days.

    It goes from message to message, of which there are few, and so needs no index of addresses.
    """
    if not address:
        return None, NONE
    query = (
        COPY.select_from(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.address == normalize(address), Delivery.state == "sent")
        .where(Delivery.sent_at > clock.now() - RECENT)
        .order_by(Delivery.sent_at.desc(), Delivery.id.desc())
        .limit(1)
    )
    found = db.session.execute(query).first()
    return (Copy(*found), RECIPIENT) if found else (None, NONE)


def _named(pairs: Iterable[tuple[int, str]]) -> Copy | None:
    for delivery_id, uuid in pairs:
        if found := db.session.execute(COPY.where(Delivery.id == delivery_id, Delivery.uuid == uuid)).first():
            return Copy(*found)
    return None
