"""Another due date for a task, and for those that come after it, by as many days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import changes
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers import access
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task


@dataclass(frozen=True)
class Shift:
    """A task that comes after another one, with its old and its new day."""

    task: Task
    old: date
    new: date


class Changed(Exception):
    """Somebody changed one of the tasks that were to be moved; the message says which. Nothing was saved."""


def offered(task: Task, to: date, user: User) -> list[Shift]:
    """Return the open tasks that come after this one, as the user sees them, and where they go with it to that day.

    What is done stays where it is, and what comes after that waits for nothing any more.
    """
    days = to - task.due_on
    if not days:
        return []
    query = select(Task).where(Task.influencer_id == task.influencer_id, Task.after_id.is_not(None))
    query = query.options(joinedload(Task.assignee))
    waiting: dict[int, list[Task]] = {}
    for one in db.session.scalars(query.where(Task.done_at.is_(None), access.tasks(user)).order_by(Task.due_on)):
        waiting.setdefault(one.after_id or 0, []).append(one)
    found, heads = [], [task.id]
    while heads:
        following = waiting.pop(heads.pop(), [])
        found += following
        heads += [one.id for one in following]
    return [Shift(one, one.due_on, one.due_on + days) for one in sorted(found, key=lambda one: (one.due_on, one.id))]


def save(
    task: Task, values: Mapping[str, Any], opened_on: int, *, chosen: Mapping[int, int], user: User, today: date
) -> int:
    """Edit the task, move the chosen ones (versions by id) with it, and return how many; all of it or nothing.

    Raises Collision, Refused, Changed; whoever calls rolls back then.
    """
    _lock([task.id, *chosen])
    changes.claim(task, tracking.THING, opened_on)
    shifts = [shift for shift in offered(task, values["due_on"], user) if shift.task.id in chosen]
    tracking.edit(task, values, user, opened_on, today)
    _compare(shifts, chosen)
    for shift in shifts:
        changes.keep(shift.task, tracking.THING, {"due_on": shift.new})
    return len(shifts)


def _lock(numbers: list[int]) -> None:
    """Claim all of them in one order, so that two who move the same plan wait for one another."""
    query = select(Task).where(Task.id.in_(numbers)).order_by(Task.id).with_for_update()
    db.session.scalars(query.execution_options(populate_existing=True)).all()


def _compare(shifts: list[Shift], chosen: Mapping[int, int]) -> None:
    gone = len(chosen) - len(shifts)
    if gone:
        raise Changed(f"{gone} of the tasks {'is' if gone == 1 else 'are'} done or gone meanwhile.")
    for shift in shifts:
        if shift.task.version != chosen[shift.task.id]:
            raise Changed(f"Somebody changed “{shift.task.title}” meanwhile.")
        if shift.new.year > tracking.LAST_YEAR:
            raise Refused(f"“{shift.task.title}” would move beyond the year {tracking.LAST_YEAR}.", "due_on")
