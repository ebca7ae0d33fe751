"""To whom a task may be given: who may work on influencers, and sees this one."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer

Choices = list[tuple[str, str]]


def may_do(user: User | None, influencer: Influencer) -> bool:
    """Tell whether tasks about the influencer may be given to the user."""
    return user is not None and user.may("influencers.edit") and bool(access.seen(user, [influencer]))


def choices(influencer: Influencer) -> Choices:
    """Return all to whom tasks may be given, by name."""
    users = db.session.scalars(select(User).where(User.active).order_by(User.name, User.id))
    return [(str(user.id), user.name or user.email) for user in users if may_do(user, influencer)]


def near(influencer: Influencer, user: User, others: Iterable[User | None]) -> Choices:
    """Return whoever looks and the others, without those who may not; costs no query."""
    people = {one.id: one for one in (user, *others) if one}
    named = [(one, "Me" if one.id == user.id else one.name or one.email) for one in people.values()]
    return [(str(one.id), name) for one, name in named if may_do(one, influencer)]


def check(influencer: Influencer, assignee_id: Any) -> None:
    """Raise Refused where the task may not be given to that user."""
    person = db.session.get(User, assignee_id) if assignee_id else None
    if person is None:
        raise Refused("Say who does it.", "assignee_id")
    if may_do(person, influencer):
        return
    if not person.may("influencers.edit"):
        raise Refused(f"{person.name} may not work on influencers here. Choose somebody else.", "assignee_id")
    keeper = influencer.organization.name if influencer.organization else "the coalition"
    raise Refused(
        f"{person.name} does not see {influencer.name}, whom {keeper} keeps for itself. Choose somebody of {keeper} or "
        "of the coalition’s own staff.",
        "assignee_id",
    )
