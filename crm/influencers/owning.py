"""Giving influencers an owner, many at once, each with a line in the history of its profile."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import access, profiles
from crm.influencers.models import Influencer

MOST = 200
FIELD = "owner_id"


def give(ids: Collection[int], owner: User | None, user: User) -> int:
    """Make somebody the owner of these influencers, as far as the user sees them; returns how many changed hands.

    Whoever was the backup owner is the owner alone then. Raises Refused, and changes nothing, where that is nobody who
    works on influencers, or where an influencer is kept by a member for itself that the new owner does not belong to.
    """
    if owner is None or not owner.may("influencers.edit"):
        raise Refused("Choose who shall own them: somebody who works on influencers.", FIELD)
    query = select(Influencer).where(Influencer.id.in_(list(ids)[:MOST]), access.influencers(user))
    query = query.options(joinedload(Influencer.contact)).order_by(Influencer.id)
    found = list(db.session.scalars(query))
    hidden = [one.name for one in found if not access.seen(owner, [one])]
    if hidden:
        raise Refused(f"{owner.name} does not see {', '.join(hidden[:3])}. Choose somebody who does.", FIELD)
    return sum(_take_over(one, owner, user) for one in found if one.owner_id != owner.id)


def _take_over(influencer: Influencer, owner: User, user: User) -> bool:
    values: dict[str, int | None] = {"owner_id": owner.id}
    if influencer.backup_owner_id == owner.id:
        values |= {"backup_owner_id": None}
    return profiles.edit(influencer, values, user, influencer.version) is not None
