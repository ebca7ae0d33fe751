"""A plan template, a plan that runs, and single tasks of the sample influencers."""

from collections.abc import Sequence
from datetime import timedelta

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.plans.models import Plan, PlanTemplate
from crm.influencers.tasks.models import Task
from crm.site.demo.coalition import Stage

NAME = "Fly-in day"
ABOUT = "A day of meetings in the capital, around the day itself."
# What is to be done, and how many days from the day; each comes after the one before it.
STEPS = [
    ("Send the request to the scheduler", -21),
    ("Confirm the meeting, send names and one page", -7),
    ("Meet", 0),
    ("Thank in writing", 1),
    ("Follow up on what was promised", 14),
]
AHEAD = 5  # Days until the sample plan's day.
SINGLE = (
    ("Send the two-page summary of the pilot", -2),
    ("Ask for a date with the chief of staff", 0),
    ("Call back", 3),
)


def add(stage: Stage, known: Sequence[Influencer]) -> None:
    """Add them, where there is staff to do them."""
    steps = [{"title": title, "days": days, "assignee": "owner"} for title, days in STEPS]
    afters = [None, *range(len(steps) - 1)]
    template = PlanTemplate(name=NAME, about=ABOUT, version=1)
    template.steps = [{**step, "after": after} for step, after in zip(steps, afters, strict=True)]
    db.session.add(template)
    db.session.flush()
    owned = [(one, one.owner) for one in known if one.owner]
    if owned:
        _start(stage, template, *owned[0])
    for (title, days), (influencer, owner) in zip(SINGLE, owned[1:], strict=False):
        _task(stage, influencer, owner, title, days)


def _start(stage: Stage, template: PlanTemplate, influencer: Influencer, owner: User) -> None:
    plan = Plan(influencer_id=influencer.id, template_id=template.id, name=template.name, started_by=owner)
    plan.anchor_on = stage.today + timedelta(days=AHEAD)
    db.session.add(plan)
    db.session.flush()
    before = None
    for title, days in STEPS:
        task = _task(stage, influencer, owner, title, days + AHEAD)
        task.plan_id, task.after_id = plan.id, before
        if days + AHEAD < 0:
            task.done_at, task.done_by_id, task.version = stage.now, owner.id, 2
        db.session.flush()
        before = task.id


def _task(stage: Stage, influencer: Influencer, owner: User, title: str, days: int) -> Task:
    task = Task(influencer_id=influencer.id, title=title, due_on=stage.today + timedelta(days=days), version=1)
    task.assignee_id = task.made_by_id = owner.id
    db.session.add(task)
    return task
