"""Whom to talk to today: what is due, and who has been left alone for too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.participants import taking_part
from crm.influencers.participants.models import InteractionContact
from crm.influencers.snoozes import snoozing
from crm.influencers.stages import table

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """An ask or a next step that is due; `days_late` is negative where the day is yet to come."""

    kind: str
    id: int
    title: str
    influencer_id: int
    influencer_name: str
    owner_name: str
    due_on: date
    days_late: int


@dataclass(frozen=True)
class Stale:
    """Influencers gone stale, each with the reason, and how many there are beyond these."""

    shown: list[tuple[Influencer, str]]
    count: int


def why_stale(patience: int | None, last_on: date | None, has_next_step: bool, today: date) -> str:
    """Return why an influencer counts as stale after so many days of patience, or "".

    Nobody is stale before the first contact (no patience is asked for): they are not yet being talked to.
    """
    if patience is None:
        return ""
    if last_on is None:
        return "no interaction yet"
    days = (today - last_on).days
    if days > patience:
        return f"no interaction in {days} days"
    return "" if has_next_step else "no next step"


def due(today: date, owner_id: int | None = None, ahead: timedelta = AHEAD, *, user: User | None = None) -> list[Due]:
    """Return open asks and next steps due by then, of one owner or of all, that the user sees, the latest first."""
    found = [*_asks_due(today, today + ahead, owner_id, user), *_steps_due(today, today + ahead, owner_id, user)]
    return sorted(found, key=lambda entry: (entry.due_on, entry.kind, entry.id))


def stale(today: date, owner_id: int | None = None, limit: int | None = None, *, user: User | None = None) -> Stale:
    """Return influencers gone stale, longest silent first, and the number of all; of one owner or of all.

    What counts is what the user may know of.
    """
    query, last_on, has_next_step = _contacted(today, owner_id, user)
    # The rule of why_stale once more, so that those who are not stale are not read.
    patience = table.patience()
    silent = or_(last_on.is_(None), _too_long_ago(last_on, patience, today), ~has_next_step)
    contacted = Influencer.stage.not_in([stage for stage, days in patience.items() if days is None])
    query = query.where(contacted, silent, ~snoozing.sleeping(today)).add_columns(func.count().over())
    rows = db.session.execute(query.order_by(last_on.asc().nulls_first(), Influencer.id).limit(limit)).all()
    shown = [(one, why_stale(patience.get(one.stage), last, planned, today)) for one, last, planned, _ in rows]
    return Stale(shown, rows[0][-1] if rows else 0)


def last_interactions(contact_ids: Iterable[int], today: date, user: User | None = None) -> dict[int, date]:
    """Return the day of the last interaction that the user may know of, of each of the contacts that has one.

    What is planned has not been.
    """
    wanted = list(contact_ids)
    main, beside = taking_part.last_days(Interaction.held_on <= today, access.interactions(user))
    main = main.where(Interaction.contact_id.in_(wanted))
    beside = beside.where(InteractionContact.contact_id.in_(wanted))
    found: dict[int, date] = {}
    for row in db.session.execute(main.union_all(beside)):
        found[row.contact_id] = max(row.last_on, found.get(row.contact_id, row.last_on))
    return found


def _too_long_ago(
    last_on: ColumnElement[date | None], patience: Mapping[str, int | None], today: date
) -> ColumnElement[bool]:
    by_days: dict[int, list[str]] = {}
    for stage, days in patience.items():
        if days is not None:
            by_days.setdefault(days, []).append(stage)
    lapsed = (Influencer.stage.in_(s) & (last_on < today - timedelta(days=days)) for days, s in by_days.items())
    return or_(false(), *lapsed)


def _asks_due(today: date, until: date, owner_id: int | None, user: User | None) -> list[Due]:
    query = select(Ask).where(Ask.state.in_(OPEN), Ask.due_on <= until, access.asks(user))
    if owner_id is not None:
        query = query.where(Ask.owner_id == owner_id)
    query = query.options(joinedload(Ask.owner), joinedload(Ask.influencer).joinedload(Influencer.contact))
    return [
        Due(
            kind="ask",
            id=ask.id,
            title=ask.title,
            influencer_id=ask.influencer_id,
            influencer_name=ask.influencer.name,
            owner_name=ask.owner.name if ask.owner else "",
            due_on=ask.due_on,
            days_late=(today - ask.due_on).days,
        )
        for ask in db.session.scalars(query)
        if ask.due_on
    ]


def _steps_due(today: date, until: date, owner_id: int | None, user: User | None) -> list[Due]:
    query = select(Interaction, Influencer).join(Influencer, Influencer.contact_id == Interaction.contact_id)
    query = query.where(Interaction.next_step_due <= until, Interaction.next_step_done_at.is_(None))
    query = query.where(access.own_interactions(user), access.influencers(user))
    if owner_id is not None:
        query = query.where(Interaction.user_id == owner_id)
    query = query.options(joinedload(Interaction.user), joinedload(Influencer.contact))
    return [
        Due(
            kind="step",
            id=interaction.id,
            title=interaction.next_step,
            influencer_id=influencer.id,
            influencer_name=influencer.name,
            owner_name=interaction.user.name if interaction.user else "",
            due_on=interaction.next_step_due,
            days_late=(today - interaction.next_step_due).days,
        )
        for interaction, influencer in db.session.execute(query)
        if interaction.next_step_due
    ]


def _contacted(
    today: date, owner_id: int | None, user: User | None
) -> tuple[Select[Any], ColumnElement[date | None], ColumnElement[bool]]:
    """Return the query of influencers, and its day of the last interaction and whether something is planned."""
    talks = taking_part.last_days(Interaction.held_on <= today, access.interactions(user))
    last, beside = (talk.subquery() for talk in talks)
    planned = (
        or_((Interaction.next_step != "") & Interaction.next_step_done_at.is_(None), Interaction.held_on > today),
        access.own_interactions(user),
    )
    step = select(Interaction.id).where(Interaction.contact_id == Influencer.contact_id, *planned)
    ask = select(Ask.id).where(
        Ask.influencer_id == Influencer.id, Ask.state.in_(OPEN), Ask.due_on.is_not(None), access.asks(user)
    )
    has_next_step: Any = step.exists() | taking_part.beside(Influencer.contact_id, *planned) | ask.exists()
    last_on: Any = taking_part.later(last.c.last_on, beside.c.last_on)
    query = select(Influencer, last_on, has_next_step)
    query = query.outerjoin(last, last.c.contact_id == Influencer.contact_id)
    query = query.outerjoin(beside, beside.c.contact_id == Influencer.contact_id)
    query = query.options(joinedload(Influencer.contact), joinedload(Influencer.owner))
    query = query.where(access.influencers(user))
    if owner_id is not None:
        query = query.where(Influencer.owner_id == owner_id)
    return query, last_on, has_next_step
