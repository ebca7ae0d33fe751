"""The page of the goal for everybody: how far it is, and how it grew."""

from itertools import accumulate
from typing import Any

from flask import Blueprint, abort, render_template
from flask_babel import format_date
from flask_babel import gettext as _

from crm.base.guards import public
from crm.contacts import arrivals
from crm.goals import progress
from crm.goals.models import Goal

bp = Blueprint("growth_public", __name__)


@bp.get("/goal")
@public
def goal() -> str:
    """Show the goal that matters now, week by week, and how to be one of them."""
    found = progress.current(public_only=True) or abort(404)
    arrival = arrivals.signup_form()
    values = {"goal": found, "actual": progress.counted(found), "chart": _chart(found)}
    return render_template("site/growth/goal.html", **values, arrival=arrival, form=arrival.form)


def shown() -> bool:
    """Tell whether there is a goal for the public."""
    return progress.current(public_only=True) is not None


def _chart(goal: Goal) -> dict[str, Any]:
    split = progress.by_week(goal)
    weekly = [sum(counts) for counts in zip(*split.counts.values(), strict=True)] or [0] * len(split.weeks)
    labels = [format_date(week, "medium") for week in split.weeks]
    return {"labels": labels, "series": [{"label": _("In all"), "values": list(accumulate(weekly)), "token": "accent"}]}
