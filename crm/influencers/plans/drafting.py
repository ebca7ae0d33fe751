"""Plan templates: what their steps may be. A template that changes leaves plans that were started as they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.base import audit, changes
from crm.base.changes import Refused
from crm.extensions import db
from crm.influencers.plans.models import PlanTemplate

THING = "plan_template"
MOST_STEPS = 50
MOST_DAYS = 730
ASSIGNEES = {"owner": "The owner", "starter": "Who starts it"}

Step = dict[str, Any]


def save(template: PlanTemplate, values: Mapping[str, Any], opened_on: int = 0) -> PlanTemplate:
    """Set the values on a new template or one that there is, and return it; raises Collision, Refused."""
    if template.id is not None:
        changes.claim(template, THING, opened_on)
    name = values["name"].strip()
    same = select(PlanTemplate.id).where(func.lower(PlanTemplate.name) == name.lower())
    with db.session.no_autoflush:
        taken = db.session.scalar(same.where(PlanTemplate.id != (template.id or 0)).limit(1))
    if taken is not None:
        raise Refused("There is a plan template of that name already. Choose another name.", "name")
    changes.keep(template, THING, {**values, "name": name})
    return template


def remove(template: PlanTemplate) -> None:
    """Delete the template; plans that were started from it stay."""
    changes.lock(template)
    audit.record("delete", THING, template.id, name=[template.name, None])
    db.session.delete(template)
    db.session.flush()


def everything() -> list[PlanTemplate]:
    """Return all templates by name."""
    return list(db.session.scalars(select(PlanTemplate).order_by(func.lower(PlanTemplate.name))))


def arrange(rows: Sequence[Step]) -> list[Step]:
    """Return the steps of the rows of a form, by their days, each with the place of the step that it comes after.

    A row names that one by its number, from 1, and is `out` where it is to go. Raises Refused.
    """
    kept = {number: row for number, row in enumerate(rows, 1) if not _is_out(row)}
    _check_number(len(kept))
    for number, row in kept.items():
        _check(number, row, kept)
    if found := circle({number: row["after"] for number, row in kept.items()}):
        names = " → ".join(f"“{kept[number]['title']}”" for number in [*found, found[0]])
        raise Refused(
            f"These steps come after one another in a circle: {names}. Let one of them come after nothing.", ""
        )
    for number, row in kept.items():
        _check_order(number, row, kept)
    order = sorted(kept, key=lambda number: kept[number]["days"])
    places = {number: place for place, number in enumerate(order)}
    return [{**_plain(kept[number]), "after": places.get(kept[number]["after"])} for number in order]


def circle(after: Mapping[int, int | None]) -> list[int]:
    """Return the steps that come after one another in a circle, in their order; none where there is no circle."""
    for start in after:
        way, at = [start], after[start]
        while at is not None and at not in way:
            way.append(at)
            at = after.get(at)
        if at == start:
            return way
    return []


def _is_out(row: Step) -> bool:
    return bool(row["out"]) or not (row["title"] or row["days"] is not None or row["after"])


def _check_number(number: int) -> None:
    if not number:
        raise Refused("Write down at least one step: what is to be done, and how many days from the anchor.", "")
    if number > MOST_STEPS:
        over = number - MOST_STEPS
        raise Refused(f"A plan has at most {MOST_STEPS} steps; this one has {number}. Take {over} of them out.", "")


def _check(number: int, row: Step, kept: Mapping[int, Step]) -> None:
    if not row["title"]:
        raise Refused(f"Step {number}: say what is to be done, or take the step out.", f"steps-{number - 1}-title")
    if row["days"] is None:
        raise Refused(f"Step {number}: say how many days from the anchor.", f"steps-{number - 1}-days")
    if row["after"] and row["after"] not in kept:
        raise Refused(
            f"“{row['title']}” comes after step {row['after']}, which is empty or taken out. Choose another, or none.",
            f"steps-{number - 1}-after",
        )


def _check_order(number: int, row: Step, kept: Mapping[int, Step]) -> None:
    before = kept[row["after"]] if row["after"] else None
    if before and before["days"] > row["days"]:
        own, other = (f"“{one['title']}” ({one['days']} days)" for one in (row, before))
        raise Refused(
            f"{own} comes after {other}, which is due later. Change the days, or let it come after another step.",
            f"steps-{number - 1}-after",
        )


def _plain(row: Step) -> Step:
    return {name: row[name] for name in ("title", "days", "assignee")}
