"""What segments can ask of influencers and asks: only what all members of the coalition share.

A segment is seen by everybody on the staff, names people on the list of contacts, and stands behind mailings of all.
If it went by what the coalition's own staff see, or by who looks, it would tell the staff of one member whom another
keeps for itself, and what was asked of whom; and the same mailing would go to other people when another releases it.
So an influencer kept by one member, and an ask seen by its own staff alone, count for no segment of anybody: the first
is no influencer here, the second is not there. They are held out of bulk mail all the same (bulk.held_ids).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from crm.base.forms import row_number
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts.segment_tests import among, day_span, flag, is_or_not, number, of_rows
from crm.influencers import directory
from crm.influencers.asks import CATEGORIES, OPEN, STATES
from crm.influencers.listing import NOBODY
from crm.influencers.models import Ask, Influencer
from crm.influencers.positions.models import Position
from crm.influencers.positions.stances import STANCES
from crm.influencers.profiles import SECTORS
from crm.influencers.stages import table as stages

GROUP, ASKS = "Influencers", "Asks"
SHARED = "Only influencers whom all members share; whom one member keeps for itself counts as no influencer."
SHARED_ASKS = "Only asks that all members see. Each condition asks for itself whether there is such an ask."
Choices = list[tuple[str, str]]


def register() -> None:
    """Offer the fields."""
    influencer = {
        "influencer": SegmentField("Is an influencer", "flag", flag(lambda: among(_influencers()))),
        "influencer_stage": SegmentField("Stage", "choice", _stage, lambda: [*stages.labels().items()]),
        "influencer_owner": SegmentField("Owner", "choice", _owner, _owners),
        "influencer_sector": SegmentField("Sector", "choice", _sector, lambda: [*SECTORS.items()]),
        "influencer_position": SegmentField("Position", "choice", _position, _positions),
        "influence": SegmentField("Influence (1 to 5)", "number", number(_scored(Influencer.influence))),
        "interest": SegmentField("Interest (1 to 5)", "number", number(_scored(Influencer.interest))),
    }
    asks = {
        "ask_open": SegmentField("Has an open ask", "flag", flag(lambda: among(_open()))),
        "ask_category": SegmentField("Open ask for", "choice", _category, lambda: [*CATEGORIES.items()]),
        "ask_state": SegmentField("Has an ask that is", "choice", _state, lambda: [*STATES.items()]),
        "ask_due": SegmentField("Open ask is due", "date", of_rows(_open(), Ask.due_on, day_span)),
    }
    for name, field in influencer.items():
        segment_fields.add(name, replace(field, group=GROUP, help=SHARED))
    for name, field in asks.items():
        segment_fields.add(name, replace(field, group=ASKS, help=SHARED_ASKS))


def _influencers() -> Select[int]:
    return select(Influencer.contact_id).where(Influencer.organization_id.is_(None))


def _asks() -> Select[int]:
    return _influencers().join(Ask, Ask.influencer_id == Influencer.id).where(Ask.seen_by == "members")


def _open() -> Select[int]:
    return _asks().where(Ask.state.in_(OPEN))


def _stage(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(_influencers().where(Influencer.stage == value), test)


def _owner(test: str, value: str) -> ColumnElement[bool]:
    owner = Influencer.owner_id
    return is_or_not(_influencers().where(owner.is_(None) if value == NOBODY else owner == row_number(value)), test)


def _owners() -> Choices:
    return [(NOBODY, "Nobody"), *directory.staff("")[1:]]


def _sector(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(_influencers().where(Influencer.sector == value), test)


def _position(test: str, value: str) -> ColumnElement[bool]:
    stance, _, campaign = value.partition(":")
    held = _influencers().join(Position, Position.influencer_id == Influencer.id).where(Position.stance == stance)
    return is_or_not(held.where(Position.campaign_id == row_number(campaign)) if campaign else held, test)


def _positions() -> Choices:
    stances = [(key, label) for key, label in STANCES.items() if key != "unknown"]
    on_any = [(key, f"{label} on any campaign") for key, label in stances]
    campaigns = directory.campaigns("")[1:]
    return on_any + [(f"{key}:{one}", f"{label} on {name}") for one, name in campaigns for key, label in stances]


def _scored(column: Any) -> Callable[[int], ColumnElement[bool]]:
    return lambda least: among(_influencers().where(column >= least))


def _category(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(_open().where(Ask.category == value), test)


def _state(test: str, value: str) -> ColumnElement[bool]:
    return is_or_not(_asks().where(Ask.state == value), test)
