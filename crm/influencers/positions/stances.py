"""Taking note of where an influencer stands on a campaign."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.changes import Collision, Refused, lock
from crm.base.database import insert_into
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer
from crm.influencers.positions.models import Position, PositionChange

STANCES = {
    "champion": "Champion",
    "supporter": "Supporter",
    "neutral": "Neutral",
    "skeptic": "Skeptic",
    "opponent": "Opponent",
    "unknown": "Unknown",
}


def note(
    influencer: Influencer, campaign_id: int, stance: str, reason: str, user: User | None, opened_on: int
) -> PositionChange | None:
    """Keep the position on a campaign, and return the change; None where nothing did.

    `opened_on` is the version that was seen, 0 for none. Raises Refused, Collision where somebody changed it since.
    """
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise Refused("Choose a campaign that there is.", "campaign_id")
    if stance not in STANCES:
        raise Refused("Choose one of the positions.", "stance")
    position = _claimed(influencer, campaign)
    if position.stance == stance:
        return None
    if missed := _changes_since(position, opened_on):
        raise Collision(missed)
    position.version += 1
    change = PositionChange(position_id=position.id, user_id=user.id if user else None, reason=reason.strip())
    change.old_stance, change.new_stance, change.version = position.stance, stance, position.version
    position.stance = stance
    db.session.add(change)
    history.tell(influencer, "influencer", f"Position on {campaign.name}: {STANCES[stance]}", user)
    return change


def unite(kept: Influencer, gone: Influencer) -> None:
    """Let the positions of a profile that goes be those of the one that is kept; where both have one, its own stays."""
    present = {one.campaign_id: one for one in _locked(kept)}
    for theirs in _locked(gone):
        mine = present.get(theirs.campaign_id)
        if mine is None:
            theirs.influencer_id = kept.id
            continue
        if mine.stance == "unknown":
            mine.stance = theirs.stance
        mine.version = max(mine.version, theirs.version) + 1
        db.session.flush()
        changes = update(PositionChange).where(PositionChange.position_id == theirs.id)
        db.session.execute(changes.values(position_id=mine.id))
        db.session.delete(theirs)
    db.session.flush()


def of(influencer: Influencer) -> list[Position]:
    """Return the positions on record, by the campaign's name."""
    return sorted(influencer.positions, key=lambda position: position.campaign.name.lower())


def changes_of(influencer: Influencer) -> list[PositionChange]:
    """Return how the positions changed, the newest first."""
    query = select(PositionChange).join(PositionChange.position).where(Position.influencer_id == influencer.id)
    loaded = joinedload(PositionChange.position).joinedload(Position.campaign)
    query = query.options(loaded, joinedload(PositionChange.user)).order_by(PositionChange.id.desc())
    return list(db.session.scalars(query))


def holds(stance: str, campaign_id: int | None) -> ColumnElement[bool]:
    """Return the condition for influencers with that position on a campaign, on any where none is given.

    Unknown are those of whom nothing else is on record.
    """
    found = select(Position.id).where(Position.influencer_id == Influencer.id)
    if campaign_id is not None:
        found = found.where(Position.campaign_id == campaign_id)
    if stance == "unknown":
        return ~found.where(Position.stance != "unknown").exists()
    return found.where(Position.stance == stance).exists()


def _claimed(influencer: Influencer, campaign: Campaign) -> Position:
    ids = {"influencer_id": influencer.id, "campaign_id": campaign.id}
    db.session.execute(insert_into(Position).values(**ids, stance="unknown", version=0).on_conflict_do_nothing())
    db.session.expire(influencer, ["positions"])
    position = db.session.scalars(select(Position).filter_by(**ids)).one()
    lock(position)
    return position


def _changes_since(position: Position, version: int) -> list[PositionChange]:
    query = select(PositionChange).where(PositionChange.position_id == position.id, PositionChange.version > version)
    return list(db.session.scalars(query.options(joinedload(PositionChange.user)).order_by(PositionChange.id)))


def _locked(influencer: Influencer) -> Sequence[Position]:
    query = select(Position).where(Position.influencer_id == influencer.id).order_by(Position.id)
    return db.session.scalars(query.with_for_update()).all()
