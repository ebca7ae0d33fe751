"""The stage board: columns with counts, in lanes where wanted, and what stands on each card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import listing, today
from crm.influencers.models import Ask, Influencer
from crm.influencers.profiles import SECTORS
from crm.influencers.snoozes import snoozing
from crm.influencers.stages import table

LANES = {"owner": "Owner", "sector": "Sector"}
# A page holds about so many cards, each column at least two and at most these.
CARDS, CARDS_A_COLUMN, CARDS_IN_A_LANE = 300, 50, 10


@dataclass(frozen=True)
class Card:
    """One influencer on the board, and since how many days; days_silent is None where there was no interaction yet."""

    influencer: Influencer
    open_ask: Ask | None
    days_here: int
    days_silent: int | None
    snoozed_until: date | None = None


@dataclass(frozen=True)
class Column:
    """One stage: how many are in it, and the cards shown, those longest in it first."""

    stage: str
    label: str
    count: int
    cards: list[Card]


@dataclass(frozen=True)
class Lane:
    """The columns of one owner or sector; `key` is the value of the filter that shows it alone, "" without lanes."""

    key: str
    label: str
    columns: list[Column]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)


def lanes(wanted: Mapping[str, str], by: str, on: date, user: User | None = None) -> list[Lane]:
    """Return the lanes by owner or sector, else one, with a column for each stage, as of that day.

    In them are those who match and whom the user sees; a lane without any is left out.
    """
    filters = {name: value for name, value in wanted.items() if name != "stage"}
    counts = _counts(filters, by, user)
    found, stages = {lane for lane, _ in counts}, table.labels()
    shown = max(2, min(CARDS_IN_A_LANE if by in LANES else CARDS_A_COLUMN, CARDS // max(1, len(found) * len(stages))))
    cards = _cards(filters, by, on, user, shown)
    return [
        Lane(
            key,
            label,
            [Column(s, name, counts.get((lane, s), 0), cards.get((lane, s), [])) for s, name in stages.items()],
        )
        for lane, key, label in _lanes_of(found, by)
    ]


def _lanes_of(found: set[Any], by: str) -> list[tuple[Any, str, str]]:
    """Return (value, key, label) of each lane, in their order; what has no owner or sector comes last."""
    if by == "owner":
        owners = db.session.execute(
            select(User.id, User.name).where(User.id.in_(list(found - {None}))).order_by(User.name)
        )
        rest = [(None, listing.NOBODY, "No owner")] if None in found else []
        return [(number, str(number), name) for number, name in owners] + rest
    if by == "sector":
        known = [(sector, sector, label) for sector, label in SECTORS.items() if sector in found]
        return known + ([("", listing.NOBODY, "No sector")] if "" in found else [])
    return [(lane, "", "") for lane in found]


def _lane(by: str) -> Any:
    return {"owner": Influencer.owner_id, "sector": Influencer.sector}.get(by, literal(0))


def _counts(filters: Mapping[str, str], by: str, user: User | None) -> dict[tuple[Any, str], int]:
    lane = _lane(by).label("lane")
    query = listing.matching(filters, user).with_only_columns(lane, Influencer.stage, func.count())
    rows = db.session.execute(query.group_by(lane, Influencer.stage))
    return {(lane, stage): number for lane, stage, number in rows}


def _cards(
    filters: Mapping[str, str], by: str, on: date, user: User | None, shown: int
) -> dict[tuple[Any, str], list[Card]]:
    rows = _longest_there(filters, by, user, shown)
    last = today.last_interactions((one.contact_id for _, one in rows), on, user)
    asked = listing.open_asks((one for _, one in rows), user)
    snoozed = snoozing.of_many((one.id for _, one in rows), on)
    zone = ZoneInfo(user.zone if user else "UTC")
    cards: dict[tuple[Any, str], list[Card]] = {}
    for lane, one in rows:
        here = max(0, (on - one.stage_since.astimezone(zone).date()).days)
        silent = (on - last[one.contact_id]).days if one.contact_id in last else None
        until = snoozed[one.id].until if one.id in snoozed else None
        cards.setdefault((lane, one.stage), []).append(Card(one, asked.get(one.id), here, silent, until))
    return cards


def _longest_there(filters: Mapping[str, str], by: str, user: User | None, shown: int) -> list[tuple[Any, Influencer]]:
    """Return (lane, influencer) of so many in each column of each lane, in one query: those longest in it."""
    order = (Influencer.stage_since, Influencer.id)
    place = func.row_number().over(partition_by=[_lane(by), Influencer.stage], order_by=order)
    ranked = listing.matching(filters, user).add_columns(_lane(by).label("lane"), place.label("place")).subquery()
    query = select(ranked.c.lane, Influencer).join(ranked, ranked.c.id == Influencer.id)
    query = query.where(ranked.c.place <= shown).order_by(*order)
    query = query.options(joinedload(Influencer.contact), joinedload(Influencer.owner))
    return [(lane, one) for lane, one in db.session.execute(query)]
