"""Staff pages of segments."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import audit
from crm.base.guards import requires
from crm.contacts import listing, segment_form, segments
from crm.contacts.models import Segment
from crm.contacts.segments import BadDefinition
from crm.extensions import db

bp = Blueprint("segments_staff", __name__, url_prefix="/staff/segments")

Page = str | Response


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """Show every segment in words, and how many it describes now."""
    return render_template("contacts/staff/segments.html", rows=[(s, *_standing(s)) for s in segments.everything()])


@bp.route("/new", methods=["GET", "POST"])
@requires("segments.edit")
def add() -> Page:
    """Make a segment, perhaps of the filter of the list of people."""
    if request.method == "POST":
        return _answer(Segment(name="", definition=segments.EVERYBODY, created_by=current_user.email))
    return _editor(None, "", listing.definition(request.args))


@bp.route("/<int:segment_id>", methods=["GET", "POST"])
@requires("segments.edit")
def edit(segment_id: int) -> Page:
    """Change a segment."""
    segment = db.session.get(Segment, segment_id) or abort(404)
    if request.method == "POST":
        return _answer(segment)
    return _editor(segment, segment.name, segment.definition)


@bp.route("/<int:segment_id>/delete", methods=["POST"])
@requires("segments.edit")
def delete(segment_id: int) -> Response:
    """Delete a segment that nothing needs; its page names what does."""
    segment = db.session.get(Segment, segment_id) or abort(404)
    if segments.users(segment):
        flash("The segment stays, because it is in use.", "error")
        return redirect(url_for(".edit", segment_id=segment_id))
    db.session.delete(segment)
    audit.record("delete", "segment", segment_id, name=[segment.name, None])
    db.session.commit()
    flash("The segment is deleted. The people in it stay.", "success")
    return redirect(url_for(".index"))


def _answer(segment: Segment) -> Page:
    """Change the form by the button pressed, or save it."""
    definition = segment_form.apply(segment_form.read(request.form), request.form.get("do", ""))
    name = " ".join(request.form.get("name", "").split())
    if request.form.get("do") != "save":
        return _editor(segment if segment.id else None, name, definition)
    if error := _error(segment, name, definition) or _overtaken(segment):
        return _editor(segment if segment.id else None, name, definition, error)
    was = segment.name
    segment.name, segment.definition = name, definition
    db.session.add(segment)
    db.session.flush()
    audit.record("edit" if was else "add", "segment", segment.id, name=[was, name])
    db.session.commit()
    flash(f"Saved. “{name}” describes {segments.count(definition):,} people now.", "success")
    return redirect(url_for(".index"))


def _error(segment: Segment, name: str, definition: segment_form.Item) -> str:
    if not name or len(name) > 200:
        return "Give the segment a name of at most 200 characters."
    other = segments.named(name)
    if other is not None and other.id != segment.id:
        return f"There is a segment “{name}” already. Choose another name."
    try:
        segments.check(definition)
    except BadDefinition as error:
        return str(error)
    return ""


def _overtaken(segment: Segment) -> str:
    if not segment.id or request.form.get("version") == segment.updated_at.isoformat():
        return ""
    now = f"“{segment.name}”: {segments.describe(segment.definition)}"
    return f"Somebody else has changed this segment since you opened it. It is now {now}. Save again to replace that."


def _editor(segment: Segment | None, name: str, definition: segments.Definition, error: str = "") -> str:
    number, people, problem = None, [], ""
    try:
        number, people = segments.count(definition), list(segments.sample(definition))
    except BadDefinition as bad:
        problem = str(bad)
    part = request.headers.get("HX-Request") == "true" and not error
    return render_template(
        "contacts/staff/_segment_editor.html" if part else "contacts/staff/segment.html",
        segment=segment,
        users=segments.users(segment) if segment else [],
        version=segment.updated_at.isoformat() if segment else "",
        name=name,
        definition=definition,
        error=error,
        problem="" if error else problem,
        number=number,
        people=people,
        **segment_form.words(),
    )


def _standing(segment: Segment) -> tuple[str, int | None, str]:
    """Return the segment in words, how many it describes, and what is wrong with it."""
    try:
        return segments.describe(segment.definition), segments.count(segment.definition), ""
    except BadDefinition as error:
        return segments.describe(segment.definition), None, str(error)
