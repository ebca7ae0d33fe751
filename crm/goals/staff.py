"""Pages of goals."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.base import audit
from crm.base.guards import requires
from crm.extensions import db
from crm.goals import progress
from crm.goals.forms import GoalForm
from crm.goals.models import Goal
from crm.organizations import coalition

bp = Blueprint("goals_staff", __name__, url_prefix="/staff/goals")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("goals.see")
def index() -> str:
    """Show every goal and where it stands."""
    return render_template("goals/index.html", goals=[(goal, progress.of(goal)) for goal in progress.everything()])


@bp.route("/new", methods=["GET", "POST"])
@requires("goals.edit")
def add() -> Page:
    """Set a goal."""
    today = coalition.today()
    return _form(Goal(), GoalForm(data={"starts_on": today, "deadline": today + timedelta(weeks=40), "public": True}))


@bp.route("/<int:goal_id>", methods=["GET", "POST"])
@requires("goals.edit")
def edit(goal_id: int) -> Page:
    """Change a goal."""
    goal = db.session.get(Goal, goal_id) or abort(404)
    return _form(goal, GoalForm(obj=goal))


@bp.route("/<int:goal_id>/delete", methods=["POST"])
@requires("goals.edit")
def delete(goal_id: int) -> Response:
    """Delete a goal; what it counted stays."""
    goal = db.session.get(Goal, goal_id) or abort(404)
    audit.record("delete", "goal", goal.id, title=[goal.title, None])
    db.session.delete(goal)
    db.session.commit()
    flash(f"The goal {goal.title} is deleted. The people whom it counted are still there.", "success")
    return redirect(url_for(".index"))


def _form(goal: Goal, form: GoalForm) -> Page:
    if form.saves(goal, progress.save):
        db.session.commit()
        flash("The goal is saved.", "success")
        return redirect(url_for(".index"))
    return render_template("goals/edit.html", form=form, goal=goal), form.status
