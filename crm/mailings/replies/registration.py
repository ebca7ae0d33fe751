"""What replies add: a way in for mail, an entry of the menu, a word on the dashboard, and how they go."""

from typing import Any

from flask_login import current_user
from sqlalchemy import func, select, update

from crm.accounts.models import User
from crm.base import audit, registries
from crm.base.ways_in import WayIn, ways_in
from crm.extensions import db
from crm.mailings.replies import addresses, forgetting, receiving, threads
from crm.mailings.replies.models import ReplyThread


def register() -> None:
    """Take replies in, show them, and hand them over and forget them with whom they are of."""
    ways_in.add("replies", WayIn(addresses.ADDRESS, receiving.knows, receiving.take))
    entry = registries.MenuEntry(
        "Replies", "replies_staff.index", "mailings.see", 41, within="mailings", waiting=threads.waiting
    )
    registries.menu.add("replies", entry)
    registries.panels.add("replies", registries.Panel("mailings/replies/waiting.html", waiting_values, "today", 25))
    registries.erasures.add("replies", registries.Erasure("replies to mailings", forgetting.forget_person))
    registries.handovers.add("replies", registries.Handover("Open replies", _in_hand, hand_over))


def waiting_values() -> dict[str, Any]:
    """Return how many open replies the user has, and how many nobody has."""
    if not current_user.may(threads.PERMISSION):
        return {"mine": 0, "nobodys": 0}
    mine = func.count().filter(ReplyThread.assignee_id == current_user.id)
    nobodys = func.count().filter(ReplyThread.assignee_id.is_(None))
    found = db.session.execute(select(mine, nobodys).where(ReplyThread.state == threads.OPEN)).one()
    return {"mine": found[0], "nobodys": found[1]}


def hand_over(giver: User, receiver: User, by: User) -> int:
    """Assign the giver's open threads to the receiver, who works on mailings; returns how many."""
    if not receiver.may(threads.PERMISSION):
        return 0
    mine = select(ReplyThread.id).where(ReplyThread.state == threads.OPEN, ReplyThread.assignee_id == giver.id)
    ids = db.session.scalars(mine.order_by(ReplyThread.id).with_for_update()).all()
    for number in ids:
        audit.record("hand_over", threads.THING, number, assignee_id=[giver.id, receiver.id])
    theirs = update(ReplyThread).where(ReplyThread.id.in_(ids)).values(assignee_id=receiver.id)
    db.session.execute(theirs.execution_options(synchronize_session=False))
    db.session.expire_all()
    return len(ids)


def _in_hand(user: User) -> int:
    mine = select(func.count()).where(ReplyThread.state == threads.OPEN, ReplyThread.assignee_id == user.id)
    return db.session.scalar(mine) or 0
