"""When a copy came whose link is followed: exactly where its person agreed to be seen, else by when such copies left.

Links of those who did not agree are the same in all copies of a text. So what is known of theirs is when copies of it
began to leave: those of each wave of a mailing, and of a step of a sequence each by itself. Where they leave one after
the other for longer than a minute, whoever had one before may be reading, and no click is taken for too early.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from crm.base import clock
from crm.delivery.models import HAS_OCCASION, Delivery
from crm.extensions import db
from crm.mailings.links import Named
from crm.mailings.models import MailingMessage
from crm.mailings.reading.robots import SOON
from crm.mailings.waves.models import MailingWave

LONG = timedelta(minutes=1)


def of_copy(mailing_id: int, contact_id: int) -> datetime | None:
    """Return when somebody's copy of a mailing was sent; None where it was not."""
    mine = (MailingMessage.mailing_id == mailing_id, Delivery.contact_id == contact_id)
    query = select(func.max(Delivery.sent_at)).join(MailingMessage, MailingMessage.message_id == Delivery.message_id)
    return db.session.scalar(query.where(*mine))


def of_text(named: Named, released_at: datetime | None) -> datetime | None:
    """Return when copies of that text began to leave last; None where nobody can say, or it was long ago."""
    now = clock.now()
    if released_at is None:
        return _of_step(named, now)
    begun = func.coalesce(MailingWave.frozen_at, MailingWave.due_at)
    of_variant = MailingWave.variant == named.variant
    last = select(func.max(begun)).where(MailingWave.mailing_id == named.mailing_id, of_variant, begun <= now)
    return db.session.scalar(last) or released_at


def _of_step(named: Named, now: datetime) -> datetime | None:
    """Return when the last copy of a step's text left, unless they have been leaving for longer than a minute."""
    texts = select(MailingMessage.message_id).where(MailingMessage.mailing_id == named.mailing_id)
    texts = texts.where(MailingMessage.language == named.language, MailingMessage.variant == named.variant)
    here = (Delivery.message_id.in_(texts), text(HAS_OCCASION))
    last = select(func.max(Delivery.sent_at)).where(*here, Delivery.sent_at.between(now - SOON, now))
    before = select(Delivery.id).where(*here, Delivery.sent_at.between(now - 2 * LONG, now - LONG))
    moment = db.session.scalar(last)
    return moment if moment is None or db.session.scalar(before.limit(1)) is None else None
