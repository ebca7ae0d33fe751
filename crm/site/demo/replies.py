"""Replies to a sample mailing: a question, somebody who wants no more mail, an absence, and one that is done."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from crm.contacts import timeline
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.replies import threads, wording
from crm.mailings.replies.models import MailingReply, ReplyThread
from crm.site.demo.coalition import Stage
from crm.site.demo.mailings import ALERT


class Text(NamedTuple):
    """What one recipient wrote, how many hours ago, and what became of it."""

    text: str
    hours: int
    state: str = threads.OPEN
    subject: str = f"Re: {ALERT.subject}"


TEXTS = (
    Text(
        "Thank you for the update.\n\nMay I share my own story at the hearing? My license is due since spring.",
        5,
    ),
    Text("Please remove me from your list. Nothing against you, I only get too much mail.", 26),
    Text("I am away and back on Monday.", 70, threads.ASIDE, "Automatic reply: Out of the office"),
    Text("Signed. Good luck!", 75, threads.DONE),
)


def add(stage: Stage) -> None:
    """Add them, as far as the mailing reached people."""
    mailing = db.session.scalars(
        select(Mailing).where(Mailing.subject == ALERT.subject).order_by(Mailing.id.desc())
    ).first()
    if mailing is None:
        return
    copies = select(Contact).join(Delivery, Delivery.contact_id == Contact.id)
    copies = copies.where(
        Delivery.message_id.in_(mailing.message_ids), Delivery.state == "sent", Contact.language == "en"
    )
    people = db.session.scalars(copies.order_by(Contact.id).limit(len(TEXTS))).all()
    for contact, said in zip(people, TEXTS, strict=False):
        _add(stage, mailing, contact, said)


def _add(stage: Stage, mailing: Mailing, contact: Contact, said: Text) -> None:
    at = stage.now - timedelta(hours=said.hours)
    thread = ReplyThread(key=f"sample {mailing.id} {contact.id}", mailing=mailing, contact=contact, state=said.state)
    thread.address, thread.subject = contact.email or "", said.subject
    thread.created_at = thread.last_at = at
    thread.done_at = at + timedelta(hours=1) if said.state == threads.DONE else None
    automatic = said.state == threads.ASIDE
    reply = MailingReply(digest=thread.key, received_at=at, written_at=at, sender=thread.address, automatic=automatic)
    reply.subject, reply.text = said.subject, said.text
    reply.asks_to_leave = not automatic and wording.asks_to_leave(said.subject, said.text)
    thread.replies.append(reply)
    db.session.add(thread)
    db.session.flush()
    if not automatic:
        title = f"Replied to “{threads.titled(mailing)}”"
        timeline.record(contact, threads.KIND, title, threads.url(thread.id), actor="", at=at)
