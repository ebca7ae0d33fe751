"""Approaches by others to the same influencer, recent and planned, so that two members do not knock within a week."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.interactions import KINDS
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import people, taking_part
from crm.organizations.models import Coalition

NO_APPROACH = "note"


@dataclass(frozen=True)
class Approach:
    """What another member may know of an approach. `who` is empty where only the coordinator tells; never any notes.

    `to` names the influencer where that is one who takes part beside the first.
    """

    id: int
    on: date
    planned: bool
    kind: str = ""
    who: str = ""
    organization: str = ""
    email: str = ""
    to: str = ""


def others(influencer: Influencer, user: User, days: Collection[date], today: date) -> list[Approach]:
    """Return approaches by other organizations within APPROACH_NOTICE_DAYS of one of the days, by their day."""
    found = {(one.id, one.on): one for day in days for one in _near(influencer, user, day, today)}
    return sorted(found.values(), key=lambda approach: (approach.on, approach.id))


def to_all(influencer: Influencer, typed: str, user: User, days: Collection[date], today: date) -> list[Approach]:
    """Return the same of the influencer and of those whom the text names, as far as the user sees them.

    Raises Refused where it names somebody who cannot be found.
    """
    found = others(influencer, user, days, today)
    for other in named(typed, user):
        known = keys(found)
        more = others(other, user, days, today) if other.id != influencer.id else []
        found += [replace(one, to=other.name) for one in more if not keys([one]) <= known]
    return found


def named(typed: str, user: User) -> list[Influencer]:
    """Return the influencers whom the text names and the user sees; raises Refused."""
    ids = [contact.id for contact in people.find(typed, user).contacts]
    if not ids:
        return []
    query = select(Influencer).where(Influencer.contact_id.in_(ids), access.influencers(user))
    return list(db.session.scalars(query.options(joinedload(Influencer.contact)).order_by(Influencer.id)))


def coordinator(influencer: Influencer) -> User | None:
    """Return who knows of all approaches: the owner, where that is one of the coalition's own, or its first admin."""
    owner = influencer.owner
    if owner and owner.active and owner.organization_id is None:
        return owner
    admins = select(User).where(User.active, User.organization_id.is_(None), User.role == "admin")
    return db.session.scalar(admins.order_by(User.id).limit(1))


def keys(found: Iterable[Approach]) -> set[str]:
    """Return what tells the approaches apart, by which a form says which of them its reader was shown."""
    return {f"{one.id}:{one.on.isoformat()}" for one in found}


def _near(influencer: Influencer, user: User, day: date, today: date) -> list[Approach]:
    near = timedelta(days=current_app.config["APPROACH_NOTICE_DAYS"])
    first, last = day - near, day + near
    query = select(Interaction).where(
        taking_part.with_contact(influencer.contact_id),
        Interaction.openness != "private",
        ~access.own_interactions(user),
        or_(
            Interaction.held_on.between(first, last) & (Interaction.kind != NO_APPROACH),
            Interaction.next_step_due.between(first, last) & Interaction.next_step_done_at.is_(None),
        ),
    )
    query = query.options(joinedload(Interaction.user), joinedload(Interaction.organization))
    return [_told(one, on, today) for one in db.session.scalars(query) for on in _days(one) if first <= on <= last]


def _days(one: Interaction) -> list[date]:
    """Return the day of an interaction, and the day of its next step while that is open."""
    held = [] if one.kind == NO_APPROACH else [one.held_on]
    return held + ([one.next_step_due] if one.next_step_due and not one.next_step_done_at else [])


def _told(one: Interaction, day: date, today: date) -> Approach:
    if one.openness != "open":
        return Approach(one.id, day, planned=day > today)
    step = day != one.held_on
    return Approach(
        one.id,
        day,
        planned=day > today or step,
        kind="" if step else KINDS[one.kind],
        who=one.user.name if one.user else "",
        organization=one.organization.name if one.organization else _coalition(),
        email=one.user.email if one.user else "",
    )


def _coalition() -> str:
    return db.session.scalar(select(Coalition.name)) or "The coalition"
