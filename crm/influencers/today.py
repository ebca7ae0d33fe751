"""Whom to talk to today: what is due, and who has been left alone for too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import CTE, ColumnElement, false, func, literal_column, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.day.agenda import AHEAD, Due, until
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.snoozes import snoozing
from crm.influencers.stages import table
from crm.influencers.tasks.models import Task


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


def due(
    today: date,
    owner_id: int | None = None,
    ahead: timedelta = AHEAD,
    *,
    user: User | None = None,
    limit: int | None = None,
) -> list[Due]:
    """Return what is due by then, of one owner or of all, that the user sees, the latest first."""
    return until(today + ahead, today, owner_id, user, limit)


def stale(today: date, owner_id: int | None = None, limit: int | None = None, *, user: User | None = None) -> Stale:
    """Return influencers gone stale, longest silent first, and the number of all; of one owner or of all.

    What counts is what the user may know of.
    """
    standing = _standing(today, owner_id, user)
    # The rule of why_stale once more, so that those who are not stale are not read.
    patience = table.patience()
    last_on, is_planned = standing.c.last_on, standing.c.has_next_step
    silent = or_(last_on.is_(None), _too_long_ago(standing, patience, today), ~is_planned)
    contacted = standing.c.stage.not_in([stage for stage, days in patience.items() if days is None])
    order = (last_on.asc().nulls_first(), standing.c.id)
    found = select(standing.c.id, last_on, is_planned, func.count().over().label("number"))
    chosen = found.where(contacted, silent).order_by(*order).limit(limit).subquery()
    query = select(Influencer, chosen.c.last_on, chosen.c.has_next_step, chosen.c.number)
    query = query.join(chosen, chosen.c.id == Influencer.id)
    query = query.options(joinedload(Influencer.contact), joinedload(Influencer.owner))
    rows = db.session.execute(query.order_by(chosen.c.last_on.asc().nulls_first(), Influencer.id)).all()
    shown = [(one, why_stale(patience.get(one.stage), last, planned, today)) for one, last, planned, _ in rows]
    return Stale(shown, rows[0].number if rows else 0)


def last_interactions(contact_ids: Iterable[int], today: date, user: User | None = None) -> dict[int, date]:
    """Return the day of the last interaction that the user may know of, of each of the contacts that has one.

    What is planned has not been.
    """
    query = select(Interaction.contact_id, func.max(Interaction.held_on).label("last_on"))
    query = query.where(Interaction.held_on <= today, access.interactions(user)).group_by(Interaction.contact_id)
    rows = db.session.execute(query.where(Interaction.contact_id.in_(list(contact_ids))))
    return {row.contact_id: row.last_on for row in rows}


def _too_long_ago(standing: CTE, patience: Mapping[str, int | None], today: date) -> ColumnElement[bool]:
    by_days: dict[int, list[str]] = {}
    for stage, days in patience.items():
        if days is not None:
            by_days.setdefault(days, []).append(stage)
    lapsed = (
        standing.c.stage.in_(stages) & (standing.c.last_on < today - timedelta(days=days))
        for days, stages in by_days.items()
    )
    return or_(false(), *lapsed)


def _standing(today: date, owner_id: int | None, user: User | None) -> CTE:
    """Return of each who is not snoozed: stage, day of the last interaction, and whether something is planned."""
    met = select(Interaction.held_on).where(Interaction.contact_id == Influencer.contact_id)
    met = met.where(Interaction.held_on <= today, access.interactions(user)).order_by(Interaction.held_on.desc())
    query = select(
        Influencer.id,
        Influencer.stage,
        met.limit(1).scalar_subquery().label("last_on"),
        _has_next_step(today, user).label("has_next_step"),
    )
    query = query.where(access.influencers(user), ~snoozing.sleeping(today))
    if owner_id is not None:
        query = query.where(Influencer.owner_id == owner_id)
    # Once for each, where SQLite would ask the same again for every place that names it.
    return query.cte("standing").prefix_with("MATERIALIZED")


def _has_next_step(today: date, user: User | None) -> ColumnElement[bool]:
    own = select(Interaction.id).where(Interaction.contact_id == Influencer.contact_id, access.own_interactions(user))
    # In the words of the index of open steps.
    step = own.where(Interaction.next_step != literal_column("''"), Interaction.next_step_done_at.is_(None))
    planned = own.where(Interaction.held_on > today)
    ask = select(Ask.id).where(
        Ask.influencer_id == Influencer.id, Ask.state.in_(OPEN), Ask.due_on.is_not(None), access.asks(user)
    )
    task = select(Task.id).where(Task.influencer_id == Influencer.id, Task.done_at.is_(None), access.tasks(user))
    return or_(task.exists(), ask.exists(), planned.exists(), step.exists())
