"""Asks due, tasks, next steps and planned meetings, as far as whoever looks may see them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.calendars import MOST, Entry, Window
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN, STATES
from crm.influencers.interactions import KINDS
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.participants import calendar_file
from crm.influencers.participants.models import InteractionUser
from crm.influencers.tasks.models import Task

DONE = ("delivered",)


def asks(window: Window) -> list[Entry]:
    """Return the asks due: open and delivered ones, and with `closed` those that were declined or lapsed."""
    query = select(Ask).where(Ask.due_on.between(window.first, window.last), access.asks(window.user))
    query = query.options(joinedload(Ask.owner), joinedload(Ask.influencer).joinedload(Influencer.contact))
    if not window.closed:
        query = query.where(Ask.state.in_([*OPEN, *DONE]))
    if window.mine:
        query = query.where(Ask.owner_id == window.user.id)
    if window.campaign_id:
        query = query.where(Ask.campaign_id == window.campaign_id)
    found = db.session.scalars(query.order_by(Ask.due_on, Ask.id).limit(MOST + 1))
    return [ask_entry(ask, window.user) for ask in found]


def ask_entry(ask: Ask, user: User) -> Entry:
    """Return an ask as an entry of the day on which it is due."""
    is_open = ask.state in OPEN
    return Entry(
        f"ask-{ask.id}",
        ask.id,
        ask.due_on,
        ask.title,
        f"Ask, {STATES[ask.state].lower()}",
        url_for("asks_staff.show", ask_id=ask.id),
        version=ask.version,
        changed_at=ask.updated_at,
        whom=ask.influencer.name,
        whose=ask.owner.name if ask.owner else "",
        tone="plain" if is_open else "done" if ask.state in DONE else "closed",
        movable=is_open and user.may("influencers.edit"),
        seen=str(ask.version),
    )


def tasks(window: Window) -> list[Entry]:
    """Return the tasks, done ones too; of a campaign are those about an ask of it."""
    query = select(Task).where(Task.due_on.between(window.first, window.last), access.tasks(window.user))
    query = query.options(joinedload(Task.assignee), joinedload(Task.influencer).joinedload(Influencer.contact))
    if window.mine:
        query = query.where(Task.assignee_id == window.user.id)
    if window.campaign_id:
        query = query.where(Task.ask.has(Ask.campaign_id == window.campaign_id))
    found = db.session.scalars(query.order_by(Task.due_on, Task.id).limit(MOST + 1))
    return [_task(task, window.user) for task in found]


def steps(window: Window) -> list[Entry]:
    """Return the open next steps; they are of no campaign."""
    if window.campaign_id:
        return []
    hidden = select(Influencer.id).where(Influencer.contact_id == Interaction.contact_id)
    query = select(Interaction).where(
        Interaction.next_step_due.between(window.first, window.last),
        Interaction.next_step_due.is_not(None),  # In the words of the index, as is the next one.
        Interaction.next_step_done_at.is_(None),
        access.own_interactions(window.user),
        ~hidden.where(~access.influencers(window.user)).exists(),
    )
    if window.mine:
        query = query.where(func.coalesce(Interaction.next_step_user_id, Interaction.user_id) == window.user.id)
    query = query.options(joinedload(Interaction.contact)).order_by(Interaction.next_step_due, Interaction.id)
    found = db.session.scalars(query.limit(MOST + 1))
    return [_step(one) for one in found]


def meetings(window: Window) -> list[Entry]:
    """Return the meetings, calls and events with influencers that were or are planned; they are of no campaign."""
    if window.campaign_id:
        return []
    query = _planned(window, clock.today(window.user.zone))
    if window.mine:
        taken_part = select(InteractionUser.interaction_id).where(InteractionUser.user_id == window.user.id)
        query = query.where(or_(Interaction.user_id == window.user.id, Interaction.id.in_(taken_part)))
    found = [_meeting(one, contact, window) for one, contact in db.session.execute(query.limit(MOST + 1))]
    return [entry for entry in found if entry.day and window.first <= entry.day <= window.last]


def _planned(window: Window, today: date) -> Select[Interaction, Contact]:
    """Where it is another day than for whoever looks, a meeting may be on the day before or after."""
    day = timedelta(days=1)
    query = select(Interaction, Contact).join(Contact, Contact.id == Interaction.contact_id)
    query = query.join(Influencer, Influencer.contact_id == Interaction.contact_id)
    return query.where(
        Interaction.held_on.between(window.first - day, window.last + day),
        Interaction.kind.in_(calendar_file.HELD),
        or_(Interaction.begins_at.is_not(None), Interaction.held_on > today),
        access.interactions(window.user),
        access.influencers(window.user),
    ).order_by(Interaction.held_on, Interaction.id)


def _task(task: Task, user: User) -> Entry:
    editor = user.may("influencers.edit")
    person = url_for("influencers_staff.show", influencer_id=task.influencer_id)
    return Entry(
        f"task-{task.id}",
        task.id,
        task.due_on,
        task.title,
        "Task, done" if task.done_at else "Task",
        url_for("tasks_staff.edit", task_id=task.id) if editor else person,
        version=task.version,
        changed_at=task.updated_at,
        whom=task.influencer.name,
        whose=task.assignee.name,
        tone="done" if task.done_at else "plain",
    )


def _step(one: Interaction) -> Entry:
    return Entry(
        f"step-{one.id}",
        one.id,
        one.next_step_due,
        one.next_step,
        "Next step",
        url_for("interaction_staff.show", interaction_id=one.id),
        version=one.version,
        changed_at=one.created_at,
        whom=one.contact.name,
    )


def _meeting(one: Interaction, contact: Contact, window: Window) -> Entry:
    at = None
    if one.begins_at:
        at = datetime.combine(one.held_on, one.begins_at, ZoneInfo(one.zone or "UTC"))
    return Entry(
        f"interaction-{one.id}",
        one.id,
        window.day_of(at) if at else one.held_on,
        contact.name,
        KINDS[one.kind],
        url_for("interaction_staff.show", interaction_id=one.id),
        version=one.version,
        changed_at=one.created_at,
        at=at.astimezone(ZoneInfo("UTC")) if at else None,
        lasts=calendar_file.LASTS,
    )
