"""What goes of replies: all that a thread says when somebody asks for it, its texts when time has passed."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, delete, literal, or_, select, update

from crm.base import audit, clock
from crm.base.changes import Refused, lock
from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.contacts.merging import former
from crm.contacts.models import Contact, TimelineEntry
from crm.delivery import outbox
from crm.delivery.models import WAITING, Delivery, Message
from crm.extensions import db
from crm.mailings.replies import threads
from crm.mailings.replies.models import MailingAnswer, MailingReply, ReplyThread

NO_TEXT = {"text": "", "quoted": "", "attached": []}
NOTHING = {**NO_TEXT, "subject": "", "sender": "", "mail_id": "", "references": [], "asks_to_leave": False}
KEPT_ASIDE = timedelta(days=30)
CHUNK = 200  # threads a transaction
ON_ITS_WAY = ("in_flight",)
BUSY = (*WAITING, *ON_ITS_WAY, "uncertain")
QUIET = {"synchronize_session": False}


def forget(thread: ReplyThread) -> None:
    """Forget all that a thread says and whose it was, for good; raises Refused while an answer is on its way."""
    lock(thread)
    sending = select(Delivery.id).where(Delivery.id.in_(_deliveries([thread.id])), Delivery.state.in_(BUSY))
    if db.session.scalar(sending.limit(1)):
        raise Refused("An answer to it is on its way. Try again once that has been sent.", "")
    _forget_all([thread.id])
    audit.record("forget", threads.THING, thread.id)


def forget_person(contact_id: int) -> Sequence[Path]:
    """Forget what the person wrote and what was answered; there are no files."""
    person = db.session.get_one(Contact, contact_id)
    wanted = {one for one in (person.email, *(each.address for each in former.of(person))) if one}
    theirs = or_(ReplyThread.contact_id == contact_id, ReplyThread.address.in_(wanted))
    ids = db.session.scalars(select(ReplyThread.id).where(theirs)).all()
    for number in ids:
        outbox.cancel_about(threads.about(number))
    _forget_all(ids)
    _run(update(MailingReply).where(MailingReply.sender.in_(wanted)).values(NOTHING))
    return []


def forget_old() -> int:
    """Delete the texts of threads that were done KEEP_REPLIES_DAYS ago; forget what machines wrote after 30 days.

    Returns how many threads. Commits after each step; for the ticker.
    """
    gone = 0
    while number := _empty_some() + _forget_some():
        db.session.commit()
        gone += number
    return gone


def _empty_some() -> int:
    days = threads.days_kept()
    if not days:
        return 0
    again = or_(ReplyThread.emptied_at.is_(None), ReplyThread.emptied_at < ReplyThread.done_at)
    old = (ReplyThread.state == threads.DONE, ReplyThread.done_at < clock.now() - timedelta(days=days), again)
    ids = db.session.scalars(select(ReplyThread.id).where(*old).order_by(ReplyThread.id).limit(CHUNK)).all()
    _empty(ids, NO_TEXT)
    _run(update(ReplyThread).where(ReplyThread.id.in_(ids)).values(emptied_at=clock.now()))
    return len(ids)


def _forget_some() -> int:
    old = (ReplyThread.state == threads.ASIDE, ReplyThread.last_at < clock.now() - KEPT_ASIDE)
    ids = db.session.scalars(select(ReplyThread.id).where(*old).order_by(ReplyThread.id).limit(CHUNK)).all()
    _forget_all(ids)
    return len(ids)


def _forget_all(ids: Collection[int]) -> None:
    """Leave of these threads the digests of what came in, and that there were answers."""
    if not ids:
        return
    pages = [threads.url(number) for number in ids]
    _run(delete(TimelineEntry).where(TimelineEntry.kind == threads.KIND, TimelineEntry.url.in_(pages)))
    take_names_off_audit(threads.THING, ids)
    _empty(ids, NOTHING, ON_ITS_WAY)
    _take_names_off_answers(ids)
    for number in ids:
        gone = {"key": secrets.token_hex(32), "contact_id": None, "address": "", "subject": "", "assignee_id": None}
        this = update(ReplyThread).where(ReplyThread.id == number)
        _run(this.values(**gone, state=threads.FORGOTTEN, done_at=None))


def _empty(ids: Collection[int], values: dict[str, Any], needed: Sequence[str] = BUSY) -> None:
    """Empty replies and answers, and the copies of these but those in states that need them."""
    _run(update(MailingReply).where(MailingReply.thread_id.in_(ids)).values(values))
    _run(update(MailingAnswer).where(MailingAnswer.thread_id.in_(ids)).values(text=""))
    sent = (Delivery.id.in_(_deliveries(ids)), Delivery.state.not_in(needed))
    _run(update(Delivery).where(*sent).values(merge=None))


def _take_names_off_answers(ids: Collection[int]) -> None:
    """Leave of each copy its state and moment; it stays one of its own by its number."""
    _run(update(MailingAnswer).where(MailingAnswer.thread_id.in_(ids)).values(address=""))
    nobody = literal("forgotten-") + cast(Delivery.id, String) + literal("@invalid")
    sent = (Delivery.id.in_(_deliveries(ids)), Delivery.state.not_in(ON_ITS_WAY))
    _run(update(Delivery).where(*sent).values(address=nobody, contact_id=None, smtp_reply=None))
    messages = select(MailingAnswer.message_id).where(MailingAnswer.thread_id.in_(ids))
    _run(update(Message).where(Message.id.in_(messages)).values(headers={"Auto-Submitted": "no"}))


def _deliveries(ids: Collection[int]) -> Any:
    return select(MailingAnswer.delivery_id).where(
        MailingAnswer.thread_id.in_(ids), MailingAnswer.delivery_id.is_not(None)
    )


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(**QUIET))
    db.session.expire_all()
