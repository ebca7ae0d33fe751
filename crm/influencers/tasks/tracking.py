"""Tasks: added, edited, done once, opened again, deleted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.contacts import timeline
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask, Influencer
from crm.influencers.tasks import assigning
from crm.influencers.tasks.models import Task

THING = "task"
LAST_YEAR = 2100  # As forms have it.


def add(influencer: Influencer, values: Mapping[str, Any], user: User, today: date) -> Task:
    """Return a new task with these values (title, due_on and assignee_id at least); raises Refused."""
    if values["due_on"] < today:
        raise Refused("That day is past. Choose today or a later day.", "due_on")
    return make(influencer, values, user)


def make(influencer: Influencer, values: Mapping[str, Any], user: User, plan_id: int | None = None) -> Task:
    """The same for a day that may be past, perhaps as part of a plan."""
    _check(influencer, values, user)
    assigning.check(influencer, values["assignee_id"])
    task = Task(influencer_id=influencer.id, plan_id=plan_id, made_by_id=user.id, organization_id=user.organization_id)
    changes.keep(task, THING, values)
    return task


def edit(task: Task, values: Mapping[str, Any], user: User, opened_on: int, today: date) -> None:
    """Set the values; raises Collision where somebody else changed the task after that version, Refused."""
    changes.claim(task, THING, opened_on)
    _check(task.influencer, values, user, task)
    if values["due_on"] != task.due_on and values["due_on"] < today:
        raise Refused("That day is past. Choose today or a later day, or leave the old one.", "due_on")
    if values["assignee_id"] != task.assignee_id:
        assigning.check(task.influencer, values["assignee_id"])
    changes.keep(task, THING, values)


def complete(task: Task, user: User) -> bool:
    """Mark the task as done; done twice is done once, and then False is returned."""
    done = {"done_at": clock.now(), "done_by_id": user.id}
    return _turn(task, Task.done_at.is_(None), done, f"Done: {task.title}", user)


def reopen(task: Task, user: User) -> bool:
    """Mark a task that was done as to be done again; False where it is open."""
    undone = {"done_at": None, "done_by_id": None}
    return _turn(task, Task.done_at.is_not(None), undone, f"To be done again: {task.title}", user)


def remove(task: Task) -> None:
    """Delete the task; what came after it comes after the one before it."""
    changes.lock(task)
    db.session.execute(update(Task).where(Task.after_id == task.id).values(after_id=task.after_id))
    audit.record("delete", THING, task.id, title=[task.title, None])
    db.session.delete(task)
    db.session.flush()


def find(task_id: int, user: User) -> Task | None:
    """Return the task of that id, where the user sees it."""
    query = select(Task).where(Task.id == task_id, access.tasks(user))
    return db.session.scalar(query.options(joinedload(Task.influencer).joinedload(Influencer.contact)))


def of(influencer: Influencer, user: User, limit: int = 200) -> list[Task]:
    """Return the tasks about the influencer that the user sees: open ones by their day, then the last ones done."""
    return list(db.session.scalars(_seen(user).where(Task.influencer_id == influencer.id).limit(limit)))


def of_ask(ask: Ask, user: User, limit: int = 200) -> list[Task]:
    """The same for one ask."""
    return list(db.session.scalars(_seen(user).where(Task.ask_id == ask.id).limit(limit)))


def _seen(user: User) -> Select[Task]:
    query = select(Task).where(access.tasks(user))
    query = query.options(joinedload(Task.assignee), joinedload(Task.done_by), joinedload(Task.plan))
    return query.order_by(Task.done_at.desc().nulls_first(), Task.due_on, Task.id)


def _check(influencer: Influencer, values: Mapping[str, Any], user: User, task: Task | None = None) -> None:
    if not values["title"].strip():
        raise Refused("Say what is to be done.", "title")
    if not values["due_on"]:
        raise Refused("Give the day by which it is to be done.", "due_on")
    if values["due_on"].year > LAST_YEAR:
        raise Refused(f"Choose a year up to {LAST_YEAR}.", "due_on")
    ask_id = values.get("ask_id")
    if ask_id and ask_id != (task.ask_id if task else None):
        seen = select(Ask.id).where(Ask.id == ask_id, Ask.influencer_id == influencer.id, access.asks(user))
        if db.session.scalar(seen) is None:
            raise Refused(f"Choose an ask of {influencer.name}, or none.", "ask_id")


def _turn(task: Task, condition: ColumnElement[bool], values: Mapping[str, Any], title: str, user: User) -> bool:
    claim = update(Task).where(Task.id == task.id, condition).values(version=Task.version + 1, **values)
    claimed = db.session.scalar(claim.returning(Task.version))
    db.session.refresh(task)
    if claimed is None:
        return False
    done = task.done_at is not None
    audit.record("edit", THING, task.id, version=[claimed - 1, claimed], done=[not done, done])
    timeline.record(
        task.influencer.contact,
        "interaction",
        title,
        actor=user.email,
        private=True,
        organization_id=task.organization_id,
    )
    return True
