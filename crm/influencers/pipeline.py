"""Stages of an influencer: moves both ways, each with date, user and reason."""

from sqlalchemy import Integer, insert, literal, select, update

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Collision, lock
from crm.base.columns import UtcDateTime
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer, StageChange
from crm.influencers.stages import table
from crm.influencers.stages.models import Stage


def move(
    influencer: Influencer, stage: str, user: User | None, reason: str = "", expected_version: int | None = None
) -> StageChange | None:
    """Move to a stage, forward or back, and return the change; None where that is the stage already.

    Raises Collision where somebody else moved it after `expected_version`, table.UnknownStage.
    """
    wanted = table.claim(stage)  # Before the influencer, as whoever removes a stage locks them.
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
    history.tell(influencer, "stage", f"Moved from {_label(change.old_stage)} to {wanted.label}", user)
    return change


def move_all(old: Stage, new: Stage, user: User | None, reason: str) -> int:
    """Move everybody in a stage to another one, and return how many; both stages are claimed by whoever calls."""
    there = select(Influencer.id).where(Influencer.stage == old.key)
    ids = list(db.session.scalars(there.order_by(Influencer.id).with_for_update()))
    if not ids:
        return 0
    now, inside = clock.now(), Influencer.stage == old.key
    history.tell_all(inside, "stage", f"Moved from {old.label} to {new.label}", user, now)
    who, words = literal(user.id if user else None, Integer), (literal(text) for text in (old.key, new.key, reason))
    moves = select(Influencer.id, literal(now, UtcDateTime), who, *words, Influencer.version + 1).where(inside)
    columns = ("influencer_id", "at", "user_id", "old_stage", "new_stage", "reason", "version")
    db.session.execute(insert(StageChange).from_select(columns, moves))
    values = {"stage": new.key, "stage_since": now, "version": Influencer.version + 1, "updated_at": now}
    db.session.execute(update(Influencer).where(inside).values(values).execution_options(synchronize_session=False))
    db.session.expire_all()
    return len(ids)


def moves_since(influencer: Influencer, version: int) -> list[StageChange]:
    """Return the moves made after that version, oldest first."""
    query = select(StageChange).where(StageChange.influencer_id == influencer.id, StageChange.version > version)
    return list(db.session.scalars(query.order_by(StageChange.id)))


def _label(key: str) -> str:
    return table.every_label().get(key, key)
