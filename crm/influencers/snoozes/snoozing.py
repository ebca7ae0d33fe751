"""Snoozing influencers who are silent for a known reason: they are not called stale until a day."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Refused, lock
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import taking_part
from crm.influencers.snoozes.models import Snooze


def snooze(influencer: Influencer, reason: str, until: date, user: User, today: date) -> Snooze:
    """Leave the influencer alone until that day, in the place of a present snooze; raises Refused."""
    if not reason.strip():
        raise Refused("Say why, for those who wonder.", "reason")
    if until <= today:
        raise Refused("Choose a day after today.", "until")
    lock(influencer)
    for before in _running(influencer, today):
        before.ended_at = clock.now()
    made = Snooze(influencer_id=influencer.id, reason=reason.strip(), until=until, user_id=user.id)
    made.organization_id = user.organization_id
    db.session.add(made)
    db.session.flush()
    db.session.expire(influencer, ["open_snoozes"])
    history.tell(influencer, "influencer", f"Snoozed until {until:%B} {until.day}, {until.year}: {made.reason}", user)
    return made


def end(influencer: Influencer, user: User | None, today: date) -> bool:
    """End the snooze before its day; False where there is none."""
    lock(influencer)
    return _end(influencer, _running(influencer, today), user)


def wake(interaction: Interaction, today: date, user: User | None, but: Collection[int] = ()) -> None:
    """End the snoozes of those with whom somebody spoke, where those who snoozed may know of it.

    `but`: contacts of whom that was known before.
    """
    if interaction.held_on > today:
        return
    spoken_with = Influencer.contact_id.in_(set(taking_part.contact_ids(interaction)) - set(but))
    for influencer in db.session.scalars(select(Influencer).where(spoken_with)):
        running = _running(influencer, today)
        known = [
            one
            for one in running
            if interaction.openness == "open" or interaction.organization_id == one.organization_id
        ]
        _end(influencer, known, user, " by an interaction")


def present(influencer: Influencer, today: date) -> Snooze | None:
    """Return the snooze that holds on that day."""
    return next((one for one in influencer.open_snoozes if one.until > today), None)


def of_many(influencer_ids: Iterable[int], today: date) -> dict[int, Snooze]:
    """Return by influencer the snooze that holds on that day."""
    query = select(Snooze).where(Snooze.influencer_id.in_(list(influencer_ids)), *_holds(today))
    return {one.influencer_id: one for one in db.session.scalars(query.options(joinedload(Snooze.user)))}


def all_of(influencer: Influencer) -> list[Snooze]:
    """Return all snoozes of an influencer, those that are over too, the newest first."""
    query = select(Snooze).where(Snooze.influencer_id == influencer.id).order_by(Snooze.id.desc())
    return list(db.session.scalars(query.options(joinedload(Snooze.user))))


def sleeping(today: date) -> ColumnElement[bool]:
    """Return the condition for influencers who are snoozed on that day."""
    return select(Snooze.id).where(Snooze.influencer_id == Influencer.id, *_holds(today)).exists()


def _holds(today: date) -> tuple[ColumnElement[bool], ...]:
    return Snooze.ended_at.is_(None), Snooze.until > today


def _running(influencer: Influencer, today: date) -> list[Snooze]:
    return list(db.session.scalars(select(Snooze).where(Snooze.influencer_id == influencer.id, *_holds(today))))


def _end(influencer: Influencer, running: list[Snooze], user: User | None, why: str = "") -> bool:
    for one in running:
        one.ended_at = clock.now()
    if running:
        db.session.flush()
        db.session.expire(influencer, ["open_snoozes"])
        history.tell(influencer, "influencer", f"Snooze ended{why}", user)
    return bool(running)
