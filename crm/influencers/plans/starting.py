"""Starting a plan: its tasks as they would be, and then as they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.plans.models import Plan, PlanTemplate
from crm.influencers.tasks import assigning, tracking
from crm.influencers.tasks.models import Task

FIRST_YEAR = 2000


@dataclass(frozen=True)
class Planned:
    """A task as it would be; `place` is that of its step in the template."""

    place: int
    title: str
    due_on: date
    assignee: User
    after: int | None
    after_title: str


class Changed(Exception):
    """Somebody changed the template after its tasks were shown; nothing was made."""


def tasks_of(template: PlanTemplate, influencer: Influencer, anchor: date, user: User) -> list[Planned]:
    """Return the tasks that the plan would have around that day; raises Refused where one lies too far off."""
    owner = influencer.owner if assigning.may_do(influencer.owner, influencer) else None
    return [
        Planned(
            place=place,
            title=step["title"],
            due_on=_day(anchor, step),
            assignee=(owner or user) if step["assignee"] == "owner" else user,
            after=step["after"],
            after_title="" if step["after"] is None else template.steps[step["after"]]["title"],
        )
        for place, step in enumerate(template.steps)
    ]


def start(
    template_id: int,
    influencer: Influencer,
    anchor_on: date,
    user: User,
    *,
    shown_version: int,
    chosen: Collection[int],
    ask_id: int | None = None,
) -> Plan:
    """Make the tasks of the chosen steps, by their places, and return the plan; raises Changed, Refused."""
    template = _claim(template_id)
    if template.version != shown_version:
        raise Changed
    planned = [one for one in tasks_of(template, influencer, anchor_on, user) if one.place in chosen]
    if not planned:
        raise Refused("Tick at least one task.", "")
    plan = Plan(influencer_id=influencer.id, template_id=template.id, name=template.name, anchor_on=anchor_on)
    plan.started_by_id, plan.organization_id = user.id, user.organization_id
    db.session.add(plan)
    db.session.flush()
    made: dict[int, Task] = {}
    for one in planned:
        values = {"title": one.title, "due_on": one.due_on, "assignee_id": one.assignee.id, "ask_id": ask_id}
        made[one.place] = tracking.make(influencer, values, user, plan.id)
    for one in planned:
        before = _before(template, one.after, made)
        made[one.place].after_id = made[before].id if before is not None else None
    db.session.flush()
    return plan


def _claim(template_id: int) -> PlanTemplate:
    """Return the template, which nobody changes until the transaction ends."""
    query = select(PlanTemplate).where(PlanTemplate.id == template_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Refused("Somebody removed this plan template meanwhile. Nothing was made.", "template_id")
    return found


def _before(template: PlanTemplate, place: int | None, made: dict[int, Task]) -> int | None:
    """Return the step that one comes after, or where that is left out, the one before it."""
    while place is not None and place not in made:
        place = template.steps[place]["after"]
    return place


def _day(anchor: date, step: dict[str, Any]) -> date:
    day = anchor + timedelta(days=step["days"])
    if not FIRST_YEAR <= day.year <= tracking.LAST_YEAR:
        raise Refused(f"“{step['title']}” would be due in {day.year}. Choose a day nearer to the present.", "anchor_on")
    return day
