"""Where the goals of this installation stand, counted by their metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from crm.base import changes
from crm.base.registries import metrics
from crm.extensions import db
from crm.goals import pace
from crm.goals.models import Goal
from crm.organizations import coalition


@dataclass(frozen=True)
class PublicGoal:
    """What the home page tells of the goal."""

    title: str
    actual: int
    target: int
    deadline: date


def public_goal() -> PublicGoal | None:
    """Return the public goal for the home page, which costs one COUNT; None where there is none."""
    goal = current(public_only=True)
    return PublicGoal(goal.title, counted(goal), goal.target, goal.deadline) if goal else None


def current(*, public_only: bool = False) -> Goal | None:
    """Return the goal that matters today: the next one to end, else the one that ended last."""
    query = select(Goal).where(Goal.public) if public_only else select(Goal)
    goals = list(db.session.scalars(query.order_by(Goal.deadline, Goal.id)))
    today = coalition.today()
    return next((goal for goal in goals if goal.deadline >= today), goals[-1] if goals else None)


def save(goal: Goal, values: Mapping[str, Any], opened_on: int = 0) -> Goal:
    """Set the values on a new goal or one that there is, and return it; raises Collision."""
    if goal.id is not None:
        changes.claim(goal, "goal", opened_on)
    changes.keep(goal, "goal", values)
    return goal


def everything() -> list[Goal]:
    """Return all goals, the one with the latest deadline first."""
    return list(db.session.scalars(select(Goal).order_by(Goal.deadline.desc(), Goal.id.desc())))


def counted(goal: Goal) -> int:
    """Return how much of the goal's metric happened between its start and the end of its deadline."""
    return metrics[goal.metric].count(*span(goal))


def of(goal: Goal, actual: int | None = None) -> pace.Progress:
    """Return where the goal stands today, in the zone of the coalition. `actual`: what is counted, if known."""
    number = counted(goal) if actual is None else actual
    return pace.progress(goal.target, goal.starts_on, goal.deadline, coalition.today(), number)


def by_week(goal: Goal) -> pace.Split:
    """Return the goal's counts by week and source."""
    days = [(day, source, number) for day, source, number, _ in metrics[goal.metric].by_day(*span(goal))]
    return pace.split(days, goal.starts_on, coalition.today())


def span(goal: Goal) -> tuple[datetime, datetime]:
    """Return the moments between which a goal counts, in UTC; the second is not included."""
    return coalition.midnight(goal.starts_on), coalition.midnight(goal.day_after)
