"""What a reply leads to where a person of the staff presses a button: its writer leaves, or it stands in the log."""

from sqlalchemy import select

from crm.accounts.models import User
from crm.base import audit, clock
from crm.base.changes import Refused, lock
from crm.contacts import leaving, status
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, interactions
from crm.influencers.inbound import keeping
from crm.influencers.models import Influencer, Interaction
from crm.mailings.replies.models import MailingReply, ReplyThread

METHOD = "reply"
SUBSCRIBED = (status.ACTIVE, status.PENDING)


def may_leave(thread: ReplyThread) -> bool:
    """Return whether the writer is known and gets mailings still."""
    return thread.contact is not None and status.of([thread.contact])[thread.contact.id].word in SUBSCRIBED


def leave(thread: ReplyThread) -> Contact:
    """Unsubscribe the writer from all mailings, with a record of it; done twice is done once. Raises Refused."""
    contact = thread.contact
    if contact is None:
        raise Refused("This address got no copy of the mailing, so nobody can be unsubscribed by it.", "")
    lock(contact)
    about = f"mailing {thread.mailing_id}" if thread.mailing_id else "a mailing"
    leaving.unsubscribe(contact, None, method=METHOD, place=f"asked for in a reply to {about}")
    audit.record("unsubscribe", "contact", contact.id, reason=f"Asked for in reply {thread.id}", topic="*")
    return contact


def influencer(thread: ReplyThread, user: User) -> Influencer | None:
    """Return the profile of the writer, where there is one that the user sees."""
    if thread.contact_id is None:
        return None
    query = select(Influencer).where(Influencer.contact_id == thread.contact_id, access.influencers(user))
    return db.session.scalar(query)


def log(reply: MailingReply, user: User) -> Interaction:
    """Log what an influencer replied, for the user's own staff alone; once. Raises Refused."""
    lock(reply)
    if reply.interaction is not None:
        return reply.interaction
    contact = reply.thread.contact
    if contact is None or influencer(reply.thread, user) is None:
        raise Refused("Only what an influencer of yours wrote can be logged.", "")
    day = clock.day_of(reply.written_at, user.zone)
    said = keeping.summary(reply.subject, reply.text, reply.quoted)
    held_on = min(day, clock.today(user.zone))
    reply.interaction = interactions.log(contact, "email", held_on, said, user, openness="private")
    db.session.flush()
    return reply.interaction
