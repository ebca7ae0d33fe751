"""Pages of sequences."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.base.changes import Collision, Refused
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.triggers import triggers
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.mailings.sequences import counting, editing, expecting, living
from crm.mailings.sequences.forms import SequenceForm, StepForm
from crm.mailings.sequences.models import STATES, Sequence, SequenceStep

bp = Blueprint("sequences_staff", __name__, url_prefix="/staff/sequences")
Page = str | Response | tuple[str, int]
FIRST_YEAR, LAST_YEAR = 2000, 2100


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """List the sequences."""
    sequences = db.session.scalars(select(Sequence).order_by(Sequence.name)).all()
    values = {"sequences": sequences, "states": STATES, "on_the_way": counting.on_the_way(), "begins": _begins}
    return render_template("mailings/sequences/index.html", **values)


@bp.route("/new", methods=["GET", "POST"])
@requires("mailings.edit")
def new() -> Page:
    """Begin a sequence."""
    topic = present_default()
    return _save(Sequence(state="draft", topic_id=topic.id if topic else None))


@bp.route("/<int:sequence_id>/edit", methods=["GET", "POST"])
@requires("mailings.edit")
def edit(sequence_id: int) -> Page:
    """Change its name, trigger, topic or goal."""
    return _save(_find(sequence_id))


@bp.route("/<int:sequence_id>")
@requires("mailings.see")
def show(sequence_id: int) -> str:
    """Show the steps, and how many people are where."""
    sequence = _find(sequence_id)
    values = {"sequence": sequence, "counts": counting.of(sequence), "states": STATES, "run_states": counting.STATES}
    values |= {"begins": _begins, "forms": _forms(sequence), "starts": _to_start(sequence)}
    return render_template("mailings/sequences/show.html", **values)


@bp.route("/<int:sequence_id>/people")
@requires("mailings.see")
def people(sequence_id: int) -> str:
    """List who is in it, perhaps in one state or in a part of one step, or expected to get a step on a day."""
    sequence, state, part = _find(sequence_id), request.args.get("state", ""), request.args.get("part", "waiting")
    step_id, day = row_number(request.args.get("step", "")), _day(request.args.get("on", ""))
    step = next((one for one in sequence.steps if one.id == step_id), None)
    state, part = state if state in counting.STATES else "", part if part in counting.PARTS else "waiting"
    query = expecting.people(sequence, day, current_user.zone) if day else counting.people(sequence, state, step, part)
    page = paginate(query, request.args.get("page", 1, type=int))
    values = {"sequence": sequence, "page": page, "state": state, "run_states": counting.STATES, "step": step}
    values |= {"day": day, "part": counting.PARTS[part]}
    return render_template("mailings/sequences/people.html", **values)


@bp.route("/<int:sequence_id>/start", methods=["POST"])
@requires("mailings.send")
def start(sequence_id: int) -> Response:
    """Let it begin, or go on."""
    opened_on = row_number(request.form.get("version", ""))
    seen = {step.id: row_number(request.form.get(_named(step.id), "")) for step in _find(sequence_id).steps}
    return _act(sequence_id, lambda sequence: living.start(sequence, opened_on, seen), "It is live.")


@bp.route("/<int:sequence_id>/pause", methods=["POST"])
@requires("mailings.send")
def pause(sequence_id: int) -> Response:
    """Let nobody in and send nothing for now."""
    return _act(sequence_id, living.pause, "Paused. Nobody comes in and nothing is sent until you start it again.")


@bp.route("/<int:sequence_id>/end", methods=["POST"])
@requires("mailings.send")
def end(sequence_id: int) -> Response:
    """End it for good."""
    return _act(sequence_id, living.end, "Ended. Who was on the way gets nothing more of it.")


@bp.route("/<int:sequence_id>/delete", methods=["POST"])
@requires("mailings.edit")
def delete(sequence_id: int) -> Response:
    """Delete one that was never live."""
    return _act(sequence_id, editing.delete, "Deleted.", there=lambda _: url_for(".index"))


@bp.route("/<int:sequence_id>/steps", methods=["POST"])
@requires("mailings.edit")
def add_step(sequence_id: int) -> Response:
    """Add a step, and go to write it."""
    return _act(
        sequence_id,
        lambda sequence: editing.add_step(sequence, current_user.email),
        "Write what this step says.",
        there=lambda step: url_for("mailings_staff.edit", mailing_id=step.mailing_id),
    )


@bp.route("/<int:sequence_id>/steps/<int:step_id>", methods=["POST"])
@requires("mailings.edit")
def change_step(sequence_id: int, step_id: int) -> Response:
    """Change when a step is due, and for whom; or move it, or take it out."""
    step = _find_step(sequence_id, step_id)
    form, do = StepForm(step), request.form.get("do", "")
    if do in ("up", "down", "remove"):
        acts: dict[str, Callable[[Sequence], Any]] = {
            "up": lambda _: editing.move_step(step, -1),
            "down": lambda _: editing.move_step(step, 1),
            "remove": lambda _: editing.remove_step(step),
        }
        return _act(sequence_id, acts[do], "Taken out." if do == "remove" else "Moved.")
    if not form.validate():
        flash(" ".join(message for messages in form.errors.values() for message in messages), "error")
        return redirect(url_for(".show", sequence_id=sequence_id))
    return _act(sequence_id, lambda _: editing.change_step(step, form.values()), f"Step {step.number} is saved.")


@bp.route("/<int:sequence_id>/steps/<int:step_id>/publish", methods=["POST"])
@requires("mailings.send")
def publish(sequence_id: int, step_id: int) -> Response:
    """Let what the step says now go out from now on."""
    step, seen = _find_step(sequence_id, step_id), row_number(request.form.get("version", ""))
    return _act(sequence_id, lambda _: living.publish(step, seen), f"Step {step.number} goes out as it reads now.")


def _save(sequence: Sequence) -> Page:
    form = SequenceForm(sequence)
    if form.saves(sequence, editing.save):
        db.session.commit()
        flash(f"{sequence.name} is saved.")
        return redirect(url_for(".show", sequence_id=sequence.id))
    title = sequence.name if sequence.id else "New sequence"
    return render_template("mailings/sequences/edit.html", form=form, sequence=sequence, title=title), form.status


def _act(
    sequence_id: int, act: Callable[[Sequence], Any], done: str, there: Callable[[Any], str] | None = None
) -> Response:
    try:
        made = act(_find(sequence_id))
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".show", sequence_id=sequence_id))
    except Collision:
        db.session.rollback()
        flash("Somebody changed this sequence since you looked at it. Look at it again before you start it.", "error")
        return redirect(url_for(".show", sequence_id=sequence_id))
    db.session.commit()
    flash(done)
    return redirect(there(made) if there else url_for(".show", sequence_id=sequence_id))


def _find(sequence_id: int) -> Sequence:
    return db.session.get(Sequence, sequence_id) or abort(404)


def _find_step(sequence_id: int, step_id: int) -> SequenceStep:
    step = db.session.get(SequenceStep, step_id)
    return step if step and step.sequence_id == sequence_id else abort(404)


def _forms(sequence: Sequence) -> dict[int, StepForm]:
    forms = {step.id: StepForm(step) for step in sequence.steps}
    for number, form in forms.items():
        for field in form:  # Several forms stand on the page, and each field needs an id of its own.
            field.id = f"{field.short_name}-{number}"
            field.label.field_id = field.id
    return forms


def _to_start(sequence: Sequence) -> dict[str, int]:
    """Return what the button to start it sends: what whoever presses it has seen."""
    seen = {_named(step_id): version for step_id, version in living.unpublished(sequence).items()}
    return {"version": sequence.version, **seen}


def _named(step_id: int) -> str:
    return f"step-{step_id}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _begins(sequence: Sequence) -> str:
    trigger = triggers.get(sequence.trigger)
    if trigger is None:
        return f"{sequence.trigger} (no longer known)"
    return f"{trigger.label} {trigger.called(sequence.trigger_value) or sequence.trigger_value}".strip()
