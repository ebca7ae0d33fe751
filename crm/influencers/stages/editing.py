"""Adding, naming, ordering and removing stages."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.accounts.models import User
from crm.base import audit, changes, clock, slugs
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import access, pipeline
from crm.influencers.models import Influencer
from crm.influencers.stages import table
from crm.influencers.stages.models import Stage


def save(stage: Stage, values: Mapping[str, Any], opened_on: int = 0) -> Stage:
    """Set the values on a new stage or one that there is, and return it; raises Collision, Refused."""
    if stage.id is not None:
        changes.claim(stage, "stage", opened_on)
    _check_label(stage, values["label"])
    if stage.before_contact and not values["before_contact"]:
        raise Refused("Everybody begins somewhere. Make another stage the beginning instead.", "before_contact")
    if stage.id is None:
        wish = slugs.of(values["label"], 24, join="_") or "stage"
        stage.key = slugs.free(wish, slugs.taken(wish, Stage.key), join="_")
        stage.before_contact = False
        stage.position = (db.session.scalar(select(func.max(Stage.position))) or 0) + 1
    if values["before_contact"]:
        _end_other_beginning(stage)
    changes.keep(stage, "stage", values)
    return stage


def move(stage: Stage, *, up: bool) -> None:
    """Let a stage change places with its neighbor, and number all of them anew."""
    order = table.everything()
    at = order.index(stage)
    to = min(max(0, at - 1 if up else at + 1), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    for position, each in enumerate(order):
        each.position = position


def used_by(stage: Stage) -> int:
    """Return how many influencers are in the stage."""
    return db.session.scalar(select(func.count()).where(Influencer.stage == stage.key)) or 0


def counts(user: User) -> dict[str, int]:
    """Return by stage how many influencers are in it whom the user sees."""
    query = select(Influencer.stage, func.count().label("number")).where(access.influencers(user))
    return {row.stage: row.number for row in db.session.execute(query.group_by(Influencer.stage))}


def remove(stage: Stage, to: str, reason: str, user: User | None) -> int:
    """Remove a stage, moving its influencers to another one, and return how many; raises Refused.

    Each move is in the history. Where nobody is in it, `to` may be empty.
    """
    target = _claim_both(stage, to)
    if stage.removed_at is not None:
        raise Refused("Somebody removed this stage already.", "")
    if stage.before_contact:
        raise Refused("Everybody begins in this stage. Make another one the beginning first.", "")
    if target is None and used_by(stage):
        raise Refused("Say to which stage its influencers move.", "to")
    words = f"The stage {stage.label} was removed. {reason.strip()}".strip()
    moved = pipeline.move_all(stage, target, user, words) if target else 0
    stage.removed_at, stage.moved_to = clock.now(), target.key if target else ""
    stage.version += 1
    db.session.flush()
    audit.record("remove", "stage", stage.id, reason=reason.strip(), label=[stage.label, None], moved_to=stage.moved_to)
    return moved


def _claim_both(stage: Stage, to: str) -> Stage | None:
    """Lock the stage and the one where its influencers go, which is returned; None where none is named."""
    both = select(Stage).where(Stage.key.in_([stage.key, to])).order_by(Stage.id).with_for_update()
    found = {row.key: row for row in db.session.scalars(both.execution_options(populate_existing=True))}
    if not to:
        return None
    target = found.get(to)
    if target is None or target is stage or target.removed_at is not None:
        raise Refused("Choose a stage that there is.", "to")
    return target


def _check_label(stage: Stage, label: str) -> None:
    same = select(Stage.id).where(func.lower(Stage.label) == label.lower(), Stage.removed_at.is_(None))
    if stage.id is not None:
        same = same.where(Stage.id != stage.id)
    with db.session.no_autoflush:
        if db.session.scalar(same) is not None:
            raise Refused("There is a stage of that name already. Choose another name.", "label")


def _end_other_beginning(stage: Stage) -> None:
    with db.session.no_autoflush:
        others = select(Stage).where(Stage.before_contact, Stage.key != stage.key).with_for_update()
        for other in db.session.scalars(others).all():
            changes.keep(other, "stage", {"before_contact": False})
