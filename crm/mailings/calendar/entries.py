"""Mailings on the calendar: drafts with a day, what is scheduled, goes out, or went."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.calendars import MOST, Entry, Window
from crm.extensions import db
from crm.mailings import parts
from crm.mailings.calendar.models import MailingPlan
from crm.mailings.models import KINDS, Mailing
from crm.mailings.waves import keeping, telling
from crm.mailings.waves.models import MailingTiming
from crm.mailings.waves.planning import AT_ONCE, Timing

STATES = {
    "draft": "draft",
    "scheduled": "scheduled",
    "sending": "being sent",
    "paused": "paused",
    "finished": "sent",
    "canceled": "canceled",
}
TONES = {"draft": "draft", "finished": "done", "canceled": "closed"}
DRAFTS = 20


def find(window: Window) -> list[Entry]:
    """Return the mailings of the window; with `closed` canceled ones, and those whose time was taken back, too."""
    timed = (Mailing.scheduled_at >= window.since) & (Mailing.scheduled_at < window.until)
    planned = MailingPlan.planned_on.between(window.first, window.last)
    wanted = [timed & Mailing.state.not_in(["draft", "canceled"]), planned & (Mailing.state == "draft")]
    if window.closed:
        taken_back = (Mailing.state == "draft") & MailingPlan.planned_on.is_(None)
        wanted.append(timed & or_(Mailing.state == "canceled", taken_back))
    query = _with_plans().where(or_(*wanted))
    if window.part:
        query = query.where(Mailing.kind == window.part)
    if window.mine:
        query = query.where(Mailing.created_by == window.user.email)
    if window.campaign_id:
        query = query.where(Mailing.campaign_id == window.campaign_id)
    rows = db.session.execute(query.order_by(Mailing.scheduled_at, Mailing.id).limit(MOST + 1))
    return [_entry(row, window.user, taken_back=window.closed) for row in rows]


def get(mailing_id: int, user: User) -> Entry | None:
    """Return the mailing as an entry; a draft without a day, and what was never scheduled, is on none."""
    row = db.session.execute(_with_plans().where(Mailing.id == mailing_id)).one_or_none()
    return _entry(row, user) if row else None


def undated(user: User) -> list[Entry]:
    """Return drafts that are planned for no day, those that were written last first; DRAFTS at most."""
    query = _with_plans().where(Mailing.state == "draft", MailingPlan.planned_on.is_(None))
    rows = db.session.execute(query.order_by(Mailing.updated_at.desc(), Mailing.id.desc()).limit(DRAFTS))
    return [_entry(row, user) for row in rows]


def entry_of(
    mailing: Mailing, plan: MailingPlan | None, user: User, *, taken_back: bool = False, timing: Timing = AT_ONCE
) -> Entry:
    """Return a mailing as an entry of the day on which it goes, for whoever looks; a draft on its planned day.

    `taken_back`: a draft that is planned for no day is told as closed, at the time that was taken back. `timing`:
    how it goes; at everybody's own time its moment is that of the first.
    """
    own_time = timing.own_time and mailing.state == "scheduled"
    own_hour = f"; {telling.own_hour(mailing, timing)}, the first then" if own_time else ""
    draft = mailing.state == "draft"
    planned_on = plan.planned_on if plan and draft else None
    at = None if draft and (planned_on or not taken_back) else mailing.scheduled_at
    return Entry(
        f"mailing-{mailing.id}",
        mailing.id,
        clock.day_of(at, user.zone) if at and not draft else planned_on,
        mailing.subject or "(no subject)",
        f"{KINDS[mailing.kind]}, {STATES[mailing.state]}{own_hour}",
        url_for("mailings_staff.show", mailing_id=mailing.id),
        version=mailing.version + (plan.version if plan else 0),
        changed_at=max(mailing.updated_at, plan.updated_at) if plan else mailing.updated_at,
        at=at,
        whom=mailing.campaign.name if mailing.campaign else "",
        tone="closed" if draft and at else TONES.get(mailing.state, "plain"),
        movable=_may_move(mailing, user),
        seen=seen(mailing, plan),
    )


def seen(mailing: Mailing, plan: MailingPlan | None) -> str:
    """Return what must not have changed when it is moved: of a draft its planned day alone, not what it says."""
    version = (plan.version if plan else 0) if mailing.state == "draft" else mailing.version
    return f"{mailing.state}-{version}"


def _entry(row: Any, user: User, *, taken_back: bool = False) -> Entry:
    return entry_of(row.Mailing, row.MailingPlan, user, taken_back=taken_back, timing=keeping.of_row(row.MailingTiming))


def _with_plans() -> Select[Mailing, MailingPlan, MailingTiming]:
    query = select(Mailing, MailingPlan, MailingTiming)
    query = query.outerjoin(MailingPlan, MailingPlan.mailing_id == Mailing.id)
    query = query.outerjoin(MailingTiming, MailingTiming.mailing_id == Mailing.id)
    return query.where(parts.stands_alone()).options(joinedload(Mailing.campaign))


def _may_move(mailing: Mailing, user: User) -> bool:
    """Drafts are moved by whoever writes, what is scheduled by whoever may send."""
    needed = {"draft": "mailings.edit", "scheduled": "mailings.send"}.get(mailing.state)
    return bool(needed) and user.may(str(needed))
