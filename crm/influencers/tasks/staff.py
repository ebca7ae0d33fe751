"""Pages of tasks: adding one, editing it with those that come after it, done and undone."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Refused
from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.screens import find as find_influencer
from crm.influencers.tasks import moving, screens, tracking
from crm.influencers.tasks.forms import TaskForm
from crm.influencers.tasks.models import Task

bp = Blueprint("tasks_staff", __name__, url_prefix="/staff/tasks")

Page = str | Response | tuple[str, int]


@bp.route("/new/<int:influencer_id>", methods=["GET", "POST"])
@requires("influencers.edit")
def new(influencer_id: int) -> Page:
    """Add a task about an influencer."""
    influencer = find_influencer(influencer_id) or abort(404)
    form = TaskForm(influencer, request.args.get("ask", type=row_or_none), data={"assignee_id": current_user.id})
    back = screens.back_to(influencer_id, request.values.get("back"))
    if form.validate_on_submit():
        try:
            tracking.add(influencer, form.values(), current_user, clock.today(current_user.zone))
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash("The task is added.", "success")
            return redirect(back)
    page = render_template("influencers/tasks/new.html", form=form, influencer=influencer, back=back)
    return page, 422 if form.errors else 200


@bp.route("/<int:task_id>", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(task_id: int) -> Page:
    """Edit a task; where others come after it and its day changes, ask first which of them move too."""
    task = _found(task_id)
    form = TaskForm(task.influencer, task.ask_id, obj=task)
    if not form.validate_on_submit() or "again" in request.form:
        return _edit_page(task, form)
    listed = screens.shown()
    if listed is None and task.version == form.opened_on and (shifts := _shifts(task, form)):
        return _moves_page(task, form, shifts)
    day, chosen = clock.today(current_user.zone), screens.ticked(listed or {})
    try:
        saved = form.saves(task, partial(moving.save, chosen=chosen, user=current_user, today=day))
    except moving.Changed as changed:
        db.session.rollback()
        return _moves_page(task, form, _shifts(task, form), str(changed)), 409
    if not saved:
        return _edit_page(task, form)
    db.session.commit()
    flash(_moved(len(chosen)), "success")
    return redirect(screens.way_back(task))


@bp.route("/<int:task_id>/done", methods=["POST"])
@requires("influencers.edit")
def complete(task_id: int) -> Response:
    """Tick the task off, and go back to where that was done."""
    task = _found(task_id)
    tracking.complete(task, current_user)
    db.session.commit()
    flash(f"Done: {task.title}", "success")
    return redirect(screens.way_back(task))


@bp.route("/<int:task_id>/reopen", methods=["POST"])
@requires("influencers.edit")
def reopen(task_id: int) -> Response:
    """Let a task that was done be done again."""
    task = _found(task_id)
    tracking.reopen(task, current_user)
    db.session.commit()
    flash(f"To be done again: {task.title}", "success")
    return redirect(screens.way_back(task))


@bp.route("/<int:task_id>/delete", methods=["POST"])
@requires("influencers.edit")
def remove(task_id: int) -> Response:
    """Delete a task of the own staff."""
    task = _found(task_id)
    if task.organization_id != current_user.organization_id:
        abort(403)
    back, title = screens.way_back(task), task.title
    tracking.remove(task)
    db.session.commit()
    flash(f"Deleted: {title}", "success")
    return redirect(back)


def _found(task_id: int) -> Task:
    return tracking.find(task_id, current_user) or abort(404)


def _shifts(task: Task, form: TaskForm) -> list[moving.Shift]:
    return moving.offered(task, form.due_on.data, current_user)


def _edit_page(task: Task, form: TaskForm) -> Page:
    back = screens.way_back(task)
    page = render_template("influencers/tasks/edit.html", form=form, task=task, back=back)
    return page, 422 if form.errors else form.status


def _moves_page(task: Task, form: TaskForm, shifts: list[moving.Shift], notice: str = "") -> str:
    back, day = screens.way_back(task), clock.today(current_user.zone)
    return render_template(
        "influencers/tasks/moves.html", form=form, task=task, shifts=shifts, notice=notice, back=back, today=day
    )


def _moved(number: int) -> str:
    if not number:
        return "Saved."
    return f"Saved, and {number} {'task' if number == 1 else 'tasks'} moved with it."
