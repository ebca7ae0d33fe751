"""Approaches by others to the same influencer, recent and planned, so that two members do not knock within a week."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Row, and_, false, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access, directory
from crm.influencers.interactions import KINDS
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import people, taking_part
from crm.organizations import coalition

NO_APPROACH = "note"


@dataclass(frozen=True)
class Approach:
    """What another member may know of an approach, an interaction or (`step`) its next step; never any notes.

    `who` is empty where only the coordinator tells. `to` names the influencer where that is one who takes part beside
    the first.
    """

    id: int
    on: date
    planned: bool
    step: bool = False
    kind: str = ""
    who: str = ""
    organization: str = ""
    email: str = ""
    to: str = ""


def others(influencer: Influencer, user: User, days: Collection[date], today: date) -> list[Approach]:
    """Return approaches by other organizations within APPROACH_NOTICE_DAYS of one of the days, by their day."""
    query = select(Interaction).where(taking_part.with_contact(influencer.contact_id), beside(user, days))
    loaded = (Interaction.user, Interaction.next_step_user, Interaction.organization)
    query = query.options(*(joinedload(each) for each in loaded))
    return among(db.session.scalars(query), user, days, today)


def beside(user: User, days: Collection[date]) -> ColumnElement[bool]:
    """Return the condition for interactions that `among` may find approaches in."""
    spans = [(day - _near(), day + _near()) for day in days]
    held = or_(false(), *(Interaction.held_on.between(*span) for span in spans))
    due = or_(false(), *(Interaction.next_step_due.between(*span) for span in spans))
    return and_(
        Interaction.openness != "private",
        ~access.own_interactions(user),
        or_(held & (Interaction.kind != NO_APPROACH), due & Interaction.next_step_done_at.is_(None)),
    )


def among(found: Iterable[Interaction], user: User, days: Collection[date], today: date) -> list[Approach]:
    """Return the approaches by others beside those days that are in the interactions, by their day."""
    told = {
        _told(one, day, step, today)
        for one in found
        if one.openness != "private" and one.organization_id != user.organization_id
        for day, step in _days(one)
        if any(abs(day - other) <= _near() for other in days)
    }
    return sorted(told, key=lambda approach: (approach.on, approach.id, approach.step))


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


def coordinator(influencer: Influencer) -> User | Row[Any] | None:
    """Return who knows of all approaches: the owner, where that is one of the coalition's own, or its first admin.

    Told are name and email.
    """
    owner = influencer.owner
    if owner and owner.active and owner.organization_id is None:
        return owner
    return directory.first_admin()


def keys(found: Iterable[Approach]) -> set[str]:
    """Return what tells the approaches apart, by which a form says which of them its reader was shown."""
    return {f"{one.id}:{one.on.isoformat()}{':step' if one.step else ''}" for one in found}


def _near() -> timedelta:
    return timedelta(days=current_app.config["APPROACH_NOTICE_DAYS"])


def _days(one: Interaction) -> list[tuple[date, bool]]:
    """Return the day of an interaction, and the day of its next step (True) while that is open."""
    held = [] if one.kind == NO_APPROACH else [(one.held_on, False)]
    return held + ([(one.next_step_due, True)] if one.next_step_due and not one.next_step_done_at else [])


def _told(one: Interaction, day: date, step: bool, today: date) -> Approach:
    if one.openness != "open":
        return Approach(one.id, day, planned=day > today)
    who = (step and one.next_step_user) or one.user
    return Approach(
        one.id,
        day,
        planned=day > today or step,
        step=step,
        kind="" if step else KINDS[one.kind],
        who=who.name if who else "",
        organization=one.organization.name if one.organization else _coalition(),
        email=who.email if who else "",
    )


def _coalition() -> str:
    found = coalition.current()
    return found.name if found else "The coalition"
