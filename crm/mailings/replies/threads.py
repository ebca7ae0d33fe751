"""The shared inbox: which threads stand under which tab, whose they are, and what staff do with them."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import audit, clock
from crm.base.changes import Refused
from crm.delivery import merge_fields
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer
from crm.mailings.models import Mailing
from crm.mailings.replies.models import MailingReply, ReplyThread

OPEN, ASIDE, DONE, FORGOTTEN = "open", "aside", "done", "forgotten"
MINE = "mine"
TABS = {OPEN: "Open", MINE: "Mine", ASIDE: "Set aside", DONE: "Done"}
THING = "reply_thread"
KIND = "reply"  # on the timeline
PERMISSION = "mailings.edit"


def listed(tab: str, user: User, mailing: Mailing | None = None) -> Select[ReplyThread]:
    """Return the select of the threads under a tab, perhaps of one mailing.

    Those of influencers whom the user owns come first, then the newest.
    """
    query = select(ReplyThread).where(_under(tab, user))
    if mailing is not None:
        query = query.where(ReplyThread.mailing_id == mailing.id)
    mine = select(Influencer.id).where(Influencer.contact_id == ReplyThread.contact_id, Influencer.owner_id == user.id)
    loaded = (ReplyThread.mailing, ReplyThread.contact, ReplyThread.assignee)
    query = query.options(*(joinedload(each) for each in loaded))
    return query.order_by(mine.exists().desc(), ReplyThread.last_at.desc(), ReplyThread.id.desc())


def counts(user: User, mailing: Mailing | None = None) -> dict[str, int]:
    """Return how many threads stand under each tab."""
    where = [] if mailing is None else [ReplyThread.mailing_id == mailing.id]
    numbers = (select(func.count()).where(_under(tab, user), *where).scalar_subquery() for tab in TABS)
    return dict(zip(TABS, db.session.execute(select(*numbers)).one(), strict=True))


def waiting() -> int:
    """Return how many threads are open."""
    return db.session.scalar(select(func.count()).where(ReplyThread.state == OPEN)) or 0


def find(thread_id: int) -> ReplyThread | None:
    """Return a thread, where it was not forgotten."""
    return db.session.scalar(select(ReplyThread).where(ReplyThread.id == thread_id, ReplyThread.state != FORGOTTEN))


def last_replies(threads: Collection[ReplyThread]) -> dict[int, MailingReply]:
    """Return the newest reply of each thread, by its id."""
    newest = select(func.max(MailingReply.id)).where(MailingReply.thread_id.in_([one.id for one in threads]))
    query = select(MailingReply).where(MailingReply.id.in_(newest.group_by(MailingReply.thread_id)))
    return {one.thread_id: one for one in db.session.scalars(query)}


def hidden(threads: Collection[ReplyThread], user: User) -> set[int]:
    """Return the ids of contacts whom a member keeps as influencers for itself, and whom the user does not see."""
    ids = {one.contact_id for one in threads if one.contact_id is not None}
    query = select(Influencer.contact_id).where(Influencer.contact_id.in_(ids), ~access.influencers(user))
    return set(db.session.scalars(query)) if ids else set()


def owned(threads: Collection[ReplyThread], user: User) -> set[int]:
    """Return the ids of contacts who are influencers whom the user owns, and sees."""
    ids = {one.contact_id for one in threads if one.contact_id is not None}
    theirs = (Influencer.contact_id.in_(ids), Influencer.owner_id == user.id, access.influencers(user))
    return set(db.session.scalars(select(Influencer.contact_id).where(*theirs))) if ids else set()


def helpers() -> list[User]:
    """Return to whom a thread can be assigned."""
    return [
        one for one in db.session.scalars(select(User).where(User.active).order_by(User.name)) if one.may(PERMISSION)
    ]


def assign(thread: ReplyThread, user_id: int | None) -> None:
    """Give the thread to somebody, or to nobody; raises Refused."""
    if user_id is not None and user_id not in {one.id for one in helpers()}:
        raise Refused("Choose somebody who works on mailings.", "assignee_id")
    if thread.assignee_id != user_id:
        audit.record("assign", THING, thread.id, assignee_id=[thread.assignee_id, user_id])
        thread.assignee_id = user_id


def move(thread: ReplyThread, state: str) -> bool:
    """Mark the thread as done, or put it among the open ones; False where it was there already."""
    this = update(ReplyThread).where(ReplyThread.id == thread.id, ReplyThread.state.not_in((state, FORGOTTEN)))
    done = db.session.execute(this.values(state=state, done_at=clock.now() if state == DONE else None))
    if done.rowcount:  # type: ignore[attr-defined]
        audit.record("move", THING, thread.id, state=[None, state])
    return bool(done.rowcount)  # type: ignore[attr-defined]


def url(thread_id: int) -> str:
    """Return the address of its page, as timelines keep it."""
    return f"/staff/replies/{thread_id}"


def about(thread_id: int) -> str:
    """Return what copies of answers in the thread are about."""
    return f"{THING}:{thread_id}"


def titled(mailing: Mailing) -> str:
    """Return the subject of a mailing, as nobody in particular gets it."""
    return merge_fields.plain(mailing.subject) or "(no subject)"


def days_kept() -> int:
    """Return for how many days the text of threads that are done is kept, 0 for good."""
    days: int = current_app.config["KEEP_REPLIES_DAYS"]
    return days


def told(thread: ReplyThread) -> Sequence[Any]:
    """Return its replies and answers in the order in which they were written here."""
    both = [*thread.replies, *thread.answers]
    return sorted(both, key=lambda one: one.received_at if isinstance(one, MailingReply) else one.written_at)


def _under(tab: str, user: User) -> ColumnElement[bool]:
    if tab == MINE:
        return (ReplyThread.state == OPEN) & (ReplyThread.assignee_id == user.id)
    return ReplyThread.state == tab
