"""What happened with a profile: moves, edits, positions and snoozes, as its history tells them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers.changes import in_words
from crm.influencers.models import Influencer, ProfileChange, StageChange
from crm.influencers.positions import stances
from crm.influencers.snoozes import snoozing
from crm.influencers.stages import table


@dataclass(frozen=True)
class Event:
    """One thing that happened: when, who did it, what it is called, and why or what exactly."""

    at: datetime
    who: str
    title: str
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()


def of(influencer: Influencer) -> list[Event]:
    """Return what happened, the newest first."""
    events = [*_moves(influencer), *_edits(influencer), *_positions(influencer), *_snoozes(influencer)]
    source = influencer.imported_from
    events.append(Event(influencer.created_at, "", f"Imported from {source}" if source else "Added"))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _moves(influencer: Influencer) -> Iterator[Event]:
    query = select(StageChange).where(StageChange.influencer_id == influencer.id).order_by(StageChange.id.desc())
    names = table.every_label()
    for move in db.session.scalars(query.options(joinedload(StageChange.user))):
        old, new = (names.get(stage, stage) for stage in (move.old_stage, move.new_stage))
        yield Event(move.at, _name(move.user), f"Stage: {old} → {new}", move.reason)


def _edits(influencer: Influencer) -> Iterator[Event]:
    query = select(ProfileChange).where(ProfileChange.influencer_id == influencer.id).order_by(ProfileChange.id.desc())
    for edit in db.session.scalars(query.options(joinedload(ProfileChange.user))):
        yield Event(edit.at, _name(edit.user, "import"), "Edited", changes=tuple(in_words(edit.changes)))


def _positions(influencer: Influencer) -> Iterator[Event]:
    for change in stances.changes_of(influencer):
        old, new = stances.STANCES[change.old_stance], stances.STANCES[change.new_stance]
        title = f"Position on {change.position.campaign.name}: {old} → {new}"
        yield Event(change.at, _name(change.user), title, change.reason)


def _snoozes(influencer: Influencer) -> Iterator[Event]:
    for one in snoozing.all_of(influencer):
        until = f"Snoozed until {one.until:%B} {one.until.day}, {one.until.year}"
        yield Event(one.created_at, _name(one.user), until, one.reason)
        if one.ended_at:
            yield Event(one.ended_at, "", "Snooze ended")


def _name(user: User | None, nobody: str = "somebody") -> str:
    return user.name if user else nobody
