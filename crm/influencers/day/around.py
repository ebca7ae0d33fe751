"""What else a day brings: meetings and calls that are planned for it, and snoozes that end."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.extensions import db
from crm.influencers import access
from crm.influencers.approaches import NO_APPROACH
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants.models import InteractionUser
from crm.influencers.snoozes.models import Snooze

MOST = 50


def meetings(day: date, owner_id: int | None, user: User) -> list[tuple[Interaction, Influencer]]:
    """Return the meetings of that day, and what else was planned for it before it began, of the own staff.

    Of one owner are those that the owner wrote down or takes part in.
    """
    morning = clock.midnight(day, user.zone)
    query = select(Interaction, Influencer).join(Influencer, Influencer.contact_id == Interaction.contact_id)
    query = query.where(
        Interaction.held_on == day,
        Interaction.kind != NO_APPROACH,
        or_(Interaction.kind == "meeting", Interaction.created_at < morning),
        access.own_interactions(user),
        access.influencers(user),
    )
    if owner_id is not None:
        taken_part = select(InteractionUser.interaction_id).where(InteractionUser.user_id == owner_id)
        query = query.where(or_(Interaction.user_id == owner_id, Interaction.id.in_(taken_part)))
    query = query.options(joinedload(Interaction.user), joinedload(Influencer.contact)).order_by(Interaction.id)
    return [(one, influencer) for one, influencer in db.session.execute(query.limit(MOST))]


def waking(day: date, owner_id: int | None, user: User) -> list[tuple[Snooze, Influencer]]:
    """Return the snoozes that end on that day, of influencers of one owner or of all, that the user sees."""
    query = select(Snooze, Influencer).join(Influencer, Influencer.id == Snooze.influencer_id)
    query = query.where(Snooze.until == day, Snooze.ended_at.is_(None), access.influencers(user))
    if owner_id is not None:
        query = query.where(or_(Influencer.owner_id == owner_id, Snooze.user_id == owner_id))
    query = query.options(joinedload(Snooze.user), joinedload(Influencer.contact)).order_by(Snooze.id)
    return [(one, influencer) for one, influencer in db.session.execute(query.limit(MOST))]
