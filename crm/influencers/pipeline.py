"""Stages of an influencer: moves both ways, each with date, user and reason."""

from sqlalchemy import select

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Collision, lock
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer, StageChange

STAGES = {
    "identified": "Identified",
    "connected": "Connected",
    "engaged": "Engaged",
    "asked": "Asked",
    "champion": "Champion",
}


class UnknownStage(ValueError):
    """There is no stage of that name."""


def move(
    influencer: Influencer, stage: str, user: User | None, reason: str = "", expected_version: int | None = None
) -> StageChange | None:
    """Move to a stage, forward or back, and return the change; None where that is the stage already.

    Raises Collision where somebody else moved it after `expected_version`, UnknownStage.
    """
    if stage not in STAGES:
        raise UnknownStage(f"“{stage}” is no stage. Choose one of {', '.join(STAGES)}.")
    lock(influencer)
    if influencer.stage == stage:
        return None
    if expected_version is not None and (missed := moves_since(influencer, expected_version)):
        raise Collision(missed)
    influencer.version += 1
    change = StageChange(
        influencer_id=influencer.id,
        user_id=user.id if user else None,
        old_stage=influencer.stage,
        new_stage=stage,
        reason=reason.strip(),
        version=influencer.version,
    )
    influencer.stage, influencer.stage_since = stage, clock.now()
    db.session.add(change)
    history.tell(influencer, "stage", f"Moved from {STAGES[change.old_stage]} to {STAGES[stage]}", user)
    return change


def moves_since(influencer: Influencer, version: int) -> list[StageChange]:
    """Return the moves made after that version, oldest first."""
    query = select(StageChange).where(StageChange.influencer_id == influencer.id, StageChange.version > version)
    return list(db.session.scalars(query.order_by(StageChange.id)))
