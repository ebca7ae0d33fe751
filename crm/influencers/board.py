"""The stage board: columns with counts, and what stands on each card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import listing, today
from crm.influencers.models import Ask, Influencer
from crm.influencers.pipeline import STAGES

CARDS_A_COLUMN = 100


@dataclass(frozen=True)
class Card:
    """One influencer on the board; days_silent is None where there was no interaction yet."""

    influencer: Influencer
    open_ask: Ask | None
    days_silent: int | None


@dataclass(frozen=True)
class Column:
    """One stage: how many are in it, and the cards shown, those longest in it first."""

    stage: str
    label: str
    count: int
    cards: list[Card]


def columns(wanted: Mapping[str, str], on: date, user: User | None = None) -> list[Column]:
    """Return a column for each stage, with the influencers that match and that the user sees, as of that day."""
    filters = {name: value for name, value in wanted.items() if name != "stage"}
    found = {stage: _cards({**filters, "stage": stage}, on, user) for stage in STAGES}
    counts = _counts(filters, user)
    return [Column(stage, label, counts.get(stage, 0), found[stage]) for stage, label in STAGES.items()]


def _cards(wanted: Mapping[str, str], on: date, user: User | None) -> list[Card]:
    rows = list(db.session.scalars(listing.find(wanted, "stage", user=user).limit(CARDS_A_COLUMN)))
    last = today.last_interactions((row.contact_id for row in rows), on, user)
    asked = listing.open_asks(rows, user)
    return [
        Card(
            row,
            asked.get(row.id),
            (on - last[row.contact_id]).days if row.contact_id in last else None,
        )
        for row in rows
    ]


def _counts(filters: Mapping[str, str], user: User | None) -> dict[str, int]:
    inner = listing.find(filters, user=user).order_by(None).subquery()
    rows = db.session.execute(select(inner.c.stage, func.count().label("number")).group_by(inner.c.stage))
    return {row.stage: row.number for row in rows}
