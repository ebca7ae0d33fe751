"""Since when people get a mailing: all at its release, or a step of a sequence one by one since it was published."""

from datetime import datetime

from sqlalchemy import func, select

from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings.models import Mailing


def of(mailing: Mailing) -> datetime | None:
    """Return the moment before which nobody had a mailing; None where nobody has one yet."""
    if not mailing.messages:
        return None
    first = select(func.min(Message.created_at)).where(Message.id.in_(mailing.message_ids))
    return mailing.released_at or db.session.scalar(first)
