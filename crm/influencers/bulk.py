"""Influencers are held out of calls to action and sharing tools, unless whoever owns one releases it."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer


def held_ids() -> Select[int]:
    """Return a select of the contact ids that bulk mail of those kinds must leave out."""
    return select(Influencer.contact_id).where(Influencer.released_at.is_(None))


def among(contact_ids: Select[Any]) -> list[Influencer]:
    """Return those of the contacts who are influencers, held or released, with contact and owner loaded."""
    query = select(Influencer).where(Influencer.contact_id.in_(contact_ids))
    loaded = (joinedload(part) for part in (Influencer.contact, Influencer.owner, Influencer.released_by))
    return list(db.session.scalars(query.options(*loaded).order_by(Influencer.id)))


def may_release(influencer: Influencer, user: User) -> bool:
    """Tell whether the user releases the influencer: owner, backup owner, an admin of whose influencer it is.

    Where nobody owns it, anybody does who edits influencers.
    """
    if influencer.owner_id is None or user.id in (influencer.owner_id, influencer.backup_owner_id):
        return True
    return user.role == "admin" and user.organization_id in (None, influencer.organization_id)


def release(influencer: Influencer, user: User, reason: str) -> None:
    """Let bulk mail reach the influencer; raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("Say why bulk mail may reach this influencer.")
    influencer.released_by_id, influencer.released_at = user.id, clock.now()
    influencer.release_reason = reason.strip()
    history.tell(influencer, "influencer", f"Released for bulk mail: {reason.strip()}", user)


def hold(influencer: Influencer, user: User) -> None:
    """Hold the influencer out of bulk mail again."""
    if influencer.released_at is not None:
        influencer.released_by_id = influencer.released_at = None
        influencer.release_reason = ""
        history.tell(influencer, "influencer", "Held out of bulk mail again", user)
