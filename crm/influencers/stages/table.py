"""The stages as they are now: in their order, by key, and where everybody begins."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select

from crm.base import remembering
from crm.base.remembering import remembered
from crm.extensions import db
from crm.influencers.stages.models import Stage


class UnknownStage(ValueError):
    """There is no such stage, or no more; the message says what became of it."""


def everything() -> list[Stage]:
    """Return the present stages in their order."""
    return [stage for stage in _read() if stage.removed_at is None]


def labels() -> dict[str, str]:
    """Return the labels of the present stages by key, in their order."""
    return {stage.key: stage.label for stage in everything()}


def every_label() -> dict[str, str]:
    """Return the labels by key, those of removed stages too, as the history names them."""
    return {stage.key: stage.label for stage in _read()}


def patience() -> dict[str, int | None]:
    """Return by key after how many days of silence an influencer is stale; None before the first contact: never."""
    usual = current_app.config["STALE_AFTER_DAYS"]
    return {stage.key: None if stage.before_contact else (stage.stale_after or usual) for stage in _read()}


def beginning() -> Stage:
    """Return the stage where everybody begins."""
    return next(stage for stage in everything() if stage.before_contact)


def claim(key: str) -> Stage:
    """Return the stage, and keep others from removing it until the transaction ends; raises UnknownStage."""
    found = _locked(key)
    if found is None:
        raise UnknownStage(f"There is no stage “{key[:40]}”. Choose one of {', '.join(labels().values())}.")
    if found.removed_at is not None:
        went = every_label().get(found.moved_to, "")
        where = f", and its influencers went to {went}" if went else ""
        raise UnknownStage(f"The stage {found.label} was removed{where}. Choose another stage; nothing was moved.")
    return found


def settle(key: str | None) -> Stage:
    """Claim the stage for somebody new: where those of a removed one went; the beginning for an unknown one."""
    found = _locked(key) if key else None
    while found is not None and found.removed_at is not None:
        found = _locked(found.moved_to)
    return found or claim(beginning().key)


@remembered
def _read() -> Sequence[Stage]:
    """Return the stages in their order, removed ones too."""
    return db.session.scalars(select(Stage).order_by(Stage.position, Stage.id)).all()


def _locked(key: str) -> Stage | None:
    # As little as a foreign key would lock, which the stage's removal waits for and nothing else.
    query = select(Stage).where(Stage.key == key).with_for_update(read=True, key_share=True)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    remembering.forget()  # Whoever removed a stage meanwhile was waited for.
    return found
