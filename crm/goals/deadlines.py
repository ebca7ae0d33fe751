"""The deadlines of goals, for the calendar."""

from flask import url_for
from sqlalchemy import select

from crm.base.calendars import MOST, Entry, Window
from crm.extensions import db
from crm.goals.models import Goal


def find(window: Window) -> list[Entry]:
    """Return the deadlines in the window; they are everybody's, and of no campaign."""
    if window.campaign_id:
        return []
    query = select(Goal).where(Goal.deadline.between(window.first, window.last)).order_by(Goal.deadline, Goal.id)
    return [_of(goal, window) for goal in db.session.scalars(query.limit(MOST + 1))]


def _of(goal: Goal, window: Window) -> Entry:
    editor = window.user.may("goals.edit")
    return Entry(
        f"goal-{goal.id}",
        goal.id,
        goal.deadline,
        goal.title,
        "Deadline of a goal",
        url_for("goals_staff.edit", goal_id=goal.id) if editor else url_for("goals_staff.index"),
        version=goal.version,
        changed_at=goal.created_at,
        whom=f"{goal.target:,} wanted",
    )
