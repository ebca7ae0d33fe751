"""Whom to talk to today: what is due, and who has been left alone for too long."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Subquery, false, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.day.agenda import AHEAD, Due, until
from crm.influencers.models import OPEN_STEP, Ask, Influencer, Interaction
from crm.influencers.participants import taking_part
from crm.influencers.participants.models import InteractionContact
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
    patience = table.patience()
    known = _contacted(today, owner_id, user, [stage for stage, days in patience.items() if days is None])
    # The rule of why_stale once more, so that those who are not stale are not read.
    silent = or_(known.c.last_on.is_(None), _too_long_ago(known, patience, today), ~_has_next_step(known, today, user))
    found = select(known.c.id, known.c.last_on, func.count().over().label("number")).where(silent)
    shown = found.order_by(known.c.last_on.asc().nulls_first(), known.c.id).limit(limit).subquery()
    query = select(Influencer, shown.c.last_on, shown.c.number).join(shown, shown.c.id == Influencer.id)
    query = query.options(joinedload(Influencer.contact), joinedload(Influencer.owner))
    rows = db.session.execute(query.order_by(shown.c.last_on.asc().nulls_first(), Influencer.id)).all()
    # Whoever is among them without having been silent for long has no next step.
    told = [(one, why_stale(patience.get(one.stage), last_on, False, today)) for one, last_on, _ in rows]
    return Stale(told, rows[0].number if rows else 0)


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


def _too_long_ago(known: Subquery, patience: Mapping[str, int | None], today: date) -> ColumnElement[bool]:
    by_days: dict[int, list[str]] = {}
    for stage, days in patience.items():
        if days is not None:
            by_days.setdefault(days, []).append(stage)
    lapsed = (known.c.stage.in_(s) & (known.c.last_on < today - timedelta(days=days)) for days, s in by_days.items())
    return or_(false(), *lapsed)


def _contacted(today: date, owner_id: int | None, user: User | None, never_stale: Collection[str]) -> Subquery:
    """Return who may be stale, not snoozed, each with the day of the last interaction that the user may know of."""
    last_on = taking_part.last_day(Interaction.held_on <= today, access.interactions(user)).label("last_on")
    query = select(Influencer.id, Influencer.contact_id, Influencer.stage, last_on)
    query = query.where(access.influencers(user), Influencer.stage.not_in(never_stale), ~snoozing.sleeping(today))
    if owner_id is not None:
        query = query.where(Influencer.owner_id == owner_id)
    return query.offset(0).subquery()  # By the offset the days are found once, wherever they are named.


def _has_next_step(known: Subquery, today: date, user: User | None) -> ColumnElement[bool]:
    whose, mine = known.c.contact_id, access.own_interactions(user)
    own = select(Interaction.id).where(Interaction.contact_id == whose, mine)
    ask = select(Ask.id).where(Ask.influencer_id == known.c.id, Ask.state.in_(OPEN), Ask.due_on.is_not(None))
    task = select(Task.id).where(Task.influencer_id == known.c.id, Task.done_at.is_(None), access.tasks(user))
    return or_(
        own.where(Interaction.held_on > today).exists(),
        own.where(OPEN_STEP).exists(),
        taking_part.beside(whose, or_(Interaction.held_on > today, OPEN_STEP), mine),
        ask.where(access.asks(user)).exists(),
        task.exists(),
    )
