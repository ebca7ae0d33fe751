"""The stages as they are now: in their order, by key, and where everybody begins."""

from flask import current_app
from sqlalchemy import select

from crm.extensions import db
from crm.influencers.stages.models import Stage


class UnknownStage(ValueError):
    """There is no such stage, or no more; the message says what became of it."""


def everything() -> list[Stage]:
    """Return the present stages in their order."""
    return list(db.session.scalars(select(Stage).where(Stage.removed_at.is_(None)).order_by(Stage.position, Stage.id)))


def labels() -> dict[str, str]:
    """Return the labels of the present stages by key, in their order."""
    return {stage.key: stage.label for stage in everything()}


def every_label() -> dict[str, str]:
    """Return the labels by key, those of removed stages too, as the history names them."""
    return {stage.key: stage.label for stage in db.session.scalars(select(Stage))}


def patience() -> dict[str, int | None]:
    """Return by key after how many days of silence an influencer is stale; None before the first contact: never."""
    usual = current_app.config["STALE_AFTER_DAYS"]
    found = db.session.execute(select(Stage.key, Stage.before_contact, Stage.stale_after))
    return {key: None if before else (days or usual) for key, before, days in found}


def beginning() -> Stage:
    """Return the stage where everybody begins."""
    return db.session.scalars(select(Stage).where(Stage.before_contact, Stage.removed_at.is_(None))).one()


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


def _locked(key: str) -> Stage | None:
    # As little as a foreign key would lock, which the stage's removal waits for and nothing else.
    query = select(Stage).where(Stage.key == key).with_for_update(read=True, key_share=True)
    return db.session.scalar(query.execution_options(populate_existing=True))
