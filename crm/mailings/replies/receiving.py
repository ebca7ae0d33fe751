"""Taking in replies: each once, in the thread of whoever wrote it, and no more than people write."""

import hashlib
import logging
from datetime import timedelta

from sqlalchemy import func, select, update

from crm.base import clock
from crm.base.database import insert_into
from crm.contacts import timeline
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers.inbound import keeping
from crm.influencers.inbound.keeping import Outcome
from crm.influencers.inbound.reading import Copy
from crm.influencers.participants import people
from crm.mailings.models import Mailing
from crm.mailings.replies import addresses, threads, wording
from crm.mailings.replies.addresses import Named
from crm.mailings.replies.models import MailingReply, ReplyThread

log = logging.getLogger(__name__)

DAY = timedelta(hours=24)
MOST_A_DAY, MOST_IN_THREAD = 30, 500  # mails
MOST_STRANGERS = 200  # open threads of a mailing with addresses that did not get it
ARRIVED = ("sent", "in_flight", "uncertain")


def knows(address: str) -> bool:
    """Return whether replies to that address are taken."""
    return addresses.read(address) is not None


def take(copy: Copy, address: str) -> Outcome:
    """Keep a reply, once however often it comes. The caller commits."""
    named = addresses.read(address)
    if named is None:
        return Outcome(keeping.REFUSED)
    digest = hashlib.sha256(f"{named.kind}{named.id}:{copy.digest}".encode()).hexdigest()
    known = db.session.scalar(select(MailingReply.id).where(MailingReply.digest == digest))
    if known:
        return Outcome(keeping.AGAIN, reply_id=known)
    automatic = wording.is_automatic(copy)
    thread = _thread(named, copy, automatic)
    if thread is None or _is_too_much(thread):
        return _drop(named, thread)
    reply = _insert(copy, thread, digest, automatic)
    if reply is None:
        return Outcome(keeping.AGAIN)
    _note(thread, reply)
    return Outcome(keeping.ASIDE if automatic else keeping.KEPT, reply_id=reply.id)


def _thread(named: Named, copy: Copy, automatic: bool) -> ReplyThread | None:
    """Return the thread that a mail belongs to, a new one where it is the first; None where strangers write too much.

    What answers a thread belongs to it whatever its From is, for only who got our answer knows the address.
    """
    answered = db.session.get(ReplyThread, named.id) if named.kind == addresses.THREAD else None
    if answered is not None and answered.state != threads.FORGOTTEN:
        return _locked(answered.id)
    mailing_id = named.id if named.kind == addresses.MAILING else answered.mailing_id if answered else None
    mailing = db.session.get(Mailing, mailing_id) if mailing_id else None
    address = people.normal(copy.sender)
    key = hashlib.sha256(f"{named.kind}{named.id}:{address or copy.digest}".encode()).hexdigest()
    known = db.session.scalar(select(ReplyThread.id).where(ReplyThread.key == key))
    if known:
        return _locked(known)
    writer = _recipient(mailing, address) if mailing and address else None
    if writer is None and _strangers(mailing) >= MOST_STRANGERS:
        return None
    row = {
        "key": key,
        "mailing_id": mailing.id if mailing else None,
        "contact_id": writer.id if writer else None,
        "address": address,
        "subject": copy.subject,
        "state": threads.ASIDE if automatic else threads.OPEN,
        "created_at": clock.now(),
        "last_at": clock.now(),
        "dropped": 0,
        "version": 1,
    }
    db.session.execute(insert_into(ReplyThread).values(row).on_conflict_do_nothing())
    return _locked(db.session.scalars(select(ReplyThread.id).where(ReplyThread.key == key)).one())


def _locked(thread_id: int) -> ReplyThread:
    query = select(ReplyThread).where(ReplyThread.id == thread_id).with_for_update(of=ReplyThread)
    return db.session.scalars(query, execution_options={"populate_existing": True}).one()


def _recipient(mailing: Mailing, address: str) -> Contact | None:
    """Return to whom the mailing went at that address."""
    copies = select(Delivery.contact_id).where(
        Delivery.message_id.in_(mailing.message_ids), Delivery.address == address, Delivery.state.in_(ARRIVED)
    )
    contact_id = db.session.scalar(copies.where(Delivery.contact_id.is_not(None)).limit(1))
    return former.contact(contact_id) if contact_id else None


def _strangers(mailing: Mailing | None) -> int:
    of_mailing = ReplyThread.mailing_id.is_not_distinct_from(mailing.id if mailing else None)
    query = select(func.count()).where(of_mailing, ReplyThread.contact_id.is_(None))
    return db.session.scalar(query.where(ReplyThread.state.in_((threads.OPEN, threads.ASIDE)))) or 0


def _is_too_much(thread: ReplyThread) -> bool:
    of_thread = select(func.count()).where(MailingReply.thread_id == thread.id)
    today = of_thread.where(MailingReply.received_at > clock.now() - DAY)
    return (db.session.scalar(today) or 0) >= MOST_A_DAY or (db.session.scalar(of_thread) or 0) >= MOST_IN_THREAD


def _drop(named: Named, thread: ReplyThread | None) -> Outcome:
    if thread is None:
        log.warning("A reply to %s%s was dropped: too many strangers write there", named.kind, named.id)
    else:
        more = update(ReplyThread).where(ReplyThread.id == thread.id)
        db.session.execute(more.values(dropped=ReplyThread.dropped + 1))
    return Outcome(keeping.DROPPED)


def _insert(copy: Copy, thread: ReplyThread, digest: str, automatic: bool) -> MailingReply | None:
    """Write a reply down; None where it was before."""
    row = {
        "thread_id": thread.id,
        "digest": digest,
        "received_at": clock.now(),
        "written_at": copy.written_at,
        "sender": people.normal(copy.sender),
        "subject": copy.subject,
        "text": copy.text,
        "quoted": copy.quoted,
        "attached": list(copy.attached),
        "automatic": automatic,
        "asks_to_leave": not automatic and wording.asks_to_leave(copy.subject, copy.text),
        "mail_id": copy.message_id,
        "references": list(copy.references),
    }
    new = insert_into(MailingReply).values(row).on_conflict_do_nothing().returning(MailingReply.id)
    number = db.session.execute(new).scalar()
    return db.session.get(MailingReply, number) if number else None


def _note(thread: ReplyThread, reply: MailingReply) -> None:
    """Let the thread show that something came; what a person wrote opens it again, and stands on the timeline."""
    thread.last_at = reply.received_at
    thread.version += 1
    if reply.automatic:
        return
    thread.state, thread.done_at = threads.OPEN, None
    if thread.contact_id is not None:
        what = threads.titled(thread.mailing) if thread.mailing else thread.subject
        title = f"Replied to “{what}”"
        timeline.record(thread.contact_id, threads.KIND, title, threads.url(thread.id), actor="")
