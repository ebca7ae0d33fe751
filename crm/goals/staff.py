"""Pages of goals."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base import audit, clock
from crm.base.guards import requires
from crm.extensions import db
from crm.goals import progress
from crm.goals.forms import GoalForm
from crm.goals.models import Goal

bp = Blueprint("goals_staff", __name__, url_prefix="/staff/goals")

Page = str | Response


@bp.route("/")
@requires("goals.see")
def index() -> str:
    """Show every goal and where it stands."""
    return render_template("goals/index.html", goals=[(goal, progress.of(goal)) for goal in progress.everything()])


@bp.route("/new", methods=["GET", "POST"])
@requires("goals.edit")
def add() -> Page:
    """Set a goal."""
    form = GoalForm()
    if form.validate_on_submit():
        goal = Goal()
        form.populate_obj(goal)
        db.session.add(goal)
        db.session.flush()
        return _saved(goal, "add")
    if request.method == "GET":
        form.starts_on.data = clock.today(progress.zone())
        form.deadline.data = form.starts_on.data + timedelta(weeks=40)
    return render_template("goals/edit.html", form=form, goal=None)


@bp.route("/<int:goal_id>", methods=["GET", "POST"])
@requires("goals.edit")
def edit(goal_id: int) -> Page:
    """Change a goal."""
    goal = db.session.get(Goal, goal_id) or abort(404)
    form = GoalForm(obj=goal)
    if form.validate_on_submit():
        form.populate_obj(goal)
        return _saved(goal, "edit")
    return render_template("goals/edit.html", form=form, goal=goal)


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


def _saved(goal: Goal, verb: str) -> Response:
    audit.record(verb, "goal", goal.id, title=goal.title, target=goal.target, deadline=goal.deadline.isoformat())
    db.session.commit()
    flash("The goal is saved.", "success")
    return redirect(url_for(".index"))
