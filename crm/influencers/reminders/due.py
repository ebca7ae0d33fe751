"""Which asks an owner is to be reminded of on a day, and that each is named once before it is due and once after."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.database import insert_into
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer
from crm.influencers.reminders.models import AskReminder

BEFORE, AFTER = "before", "after"
ONE_DAY = timedelta(days=1)  # What the day in UTC and the day in any zone differ by, at most.


def owners(today: date) -> list[User]:
    """Return the active owners of open asks that no digest has named yet; today is the day in UTC."""
    unnamed = or_(*(_window(moment, today, ONE_DAY) & _unnamed(moment) for moment in (BEFORE, AFTER)))
    asked = select(Ask.owner_id).where(Ask.state.in_(OPEN), unnamed)
    return list(db.session.scalars(select(User).where(User.active, User.id.in_(asked)).order_by(User.id)))


def find(owner: User, day: date, moment: str, limit: int) -> list[Ask]:
    """Return the open asks of the owner that are due soon (or late) on that day, not named yet, that the owner sees."""
    query = select(Ask).where(Ask.owner_id == owner.id, Ask.state.in_(OPEN), access.asks(owner))
    query = query.where(_window(moment, day), _unnamed(moment))
    query = query.options(joinedload(Ask.influencer).joinedload(Influencer.contact))
    return list(db.session.scalars(query.order_by(Ask.due_on, Ask.id).limit(limit)))


def claim(asks: Iterable[Ask], owner: User, day: date, moment: str) -> list[Ask]:
    """Note that the asks are named, and return those of them that no other digest has named meanwhile."""
    return [ask for ask in asks if _claim(ask, owner, day, moment)]


def told_on(owner: User, day: date) -> bool:
    """Return whether the owner has had the digest of that day."""
    query = select(AskReminder.id).where(AskReminder.user_id == owner.id, AskReminder.named_on == day)
    return db.session.scalar(query.limit(1)) is not None


def reminders_of(ask: Ask) -> Sequence[AskReminder]:
    """Return which reminders of the ask went out, oldest first."""
    query = select(AskReminder).where(AskReminder.ask_id == ask.id).options(joinedload(AskReminder.user))
    return db.session.scalars(query.order_by(AskReminder.id)).all()


def _window(moment: str, day: date, slack: timedelta = timedelta(0)) -> ColumnElement[bool]:
    if moment == BEFORE:
        ahead = timedelta(days=current_app.config["ASK_REMIND_DAYS_BEFORE"])
        return Ask.due_on.between(day - slack, day + ahead + slack)
    return Ask.due_on <= day - timedelta(days=current_app.config["ASK_REMIND_DAYS_AFTER"]) + slack


def _unnamed(moment: str) -> ColumnElement[bool]:
    named = select(AskReminder.id).where(
        AskReminder.ask_id == Ask.id,
        AskReminder.user_id == Ask.owner_id,
        AskReminder.due_on == Ask.due_on,
        AskReminder.moment == moment,
    )
    return ~named.exists()


def _claim(ask: Ask, owner: User, day: date, moment: str) -> bool:
    row = {"ask_id": ask.id, "user_id": owner.id, "due_on": ask.due_on, "moment": moment, "named_on": day}
    statement = insert_into(AskReminder).values(row).on_conflict_do_nothing().returning(AskReminder.id)
    return db.session.scalar(statement) is not None
