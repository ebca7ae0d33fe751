"""Staff pages of questions, and of what one person answered."""

import json

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base import audit
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.contacts.custom_fields import answers, asking, kinds, questions
from crm.contacts.custom_fields.asking import Asked
from crm.contacts.custom_fields.forms import AnswersForm, QuestionForm
from crm.contacts.custom_fields.models import CustomField
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.extensions import db

bp = Blueprint("fields_staff", __name__, url_prefix="/staff/people")

Page = str | Response | tuple[str, int]


@bp.route("/fields/")
@requires("contacts.see")
def index() -> str:
    """List the questions, with how many people answered each."""
    fields, answered = questions.everything(), questions.answered()
    return render_template("contacts/custom_fields/index.html", fields=fields, answered=answered, kinds=kinds.KINDS)


@bp.route("/fields/new", methods=["GET", "POST"])
@requires("forms.edit")
def new() -> Page:
    """Choose a kind of answer, then write the question."""
    kind = request.args.get("kind", "")
    if kind not in kinds.KINDS:
        return render_template("contacts/custom_fields/kinds.html", kinds=kinds.KINDS)
    return _save(CustomField(kind=kind, choices=[]))


@bp.route("/fields/<int:field_id>", methods=["GET", "POST"])
@requires("forms.edit")
def edit(field_id: int) -> Page:
    """Change a question; the kind of its answer stays."""
    return _save(_found(field_id))


@bp.post("/fields/<int:field_id>/move")
@requires("forms.edit")
def move(field_id: int) -> Response:
    """Put a question before or behind its neighbor."""
    questions.move(_found(field_id), up=request.form.get("to") == "up")
    db.session.commit()
    return redirect(url_for(".index"))


@bp.post("/fields/<int:field_id>/delete")
@requires("contacts.forget")
def delete(field_id: int) -> Response:
    """Delete a question with all that was answered, unless a segment needs it."""
    field = _found(field_id)
    label = field.label()
    try:
        number = questions.remove(field)
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".edit", field_id=field_id))
    db.session.commit()
    flash(f"“{label}” and {number:,} {'answer' if number == 1 else 'answers'} are deleted.", "success")
    return redirect(url_for(".index"))


@bp.route("/<int:contact_id>/answers", methods=["GET", "POST"])
@requires("contacts.edit")
def change_answers(contact_id: int) -> Page:
    """Change what a person answered; what somebody else changed meanwhile is shown instead of overwritten."""
    contact = db.session.get(Contact, contact_id, with_for_update=request.method == "POST" or None)
    if contact is None:
        return redirect(url_for(".change_answers", contact_id=(former.contact(contact_id) or abort(404)).id))
    present = answers.of(contact.id)
    form = _answers_form(present)
    changed = False
    if form.validate_on_submit():
        changed = form.was.data != _as_json(present)
        if not changed:
            _keep(contact, present, form)
            flash("Saved.", "success")
            return redirect(url_for("contact_staff.show", contact_id=contact.id))
    form.was.data = _as_json(present) if changed or not form.is_submitted() else form.was.data
    shown = answers.shown(contact.id) if changed else []
    return render_template(
        "contacts/custom_fields/answers.html", form=form, contact=contact, shown=shown, changed=changed
    )


def _save(field: CustomField) -> Page:
    form = QuestionForm(field)
    if request.form.get("do") == "more" and "choices" in form:
        form.add_lines()
    elif form.saves(field, questions.save):
        db.session.commit()
        flash(f"“{field.label()}” is saved.", "success")
        return redirect(url_for(".index"))
    title = field.label() if field.id else f"New question: {kinds.KINDS[field.kind].lower()}"
    answered = questions.answered().get(field.id, 0)
    values = {"field_row": field, "title": title, "kinds": kinds.KINDS, "answered": answered}
    return render_template("contacts/custom_fields/edit.html", form=form, **values), form.status


def _answers_form(present: dict[str, kinds.Answer]) -> AnswersForm:
    asked = [Asked(field) for field in questions.everything() if field.in_use or field.key in present]
    return asking.with_fields(AnswersForm, asked)(data=asking.data(present))


def _keep(contact: Contact, present: dict[str, kinds.Answer], form: AnswersForm) -> None:
    given = asking.all_answers(form)
    changes = {key: [present.get(key), answer] for key, answer in given.items() if answer != present.get(key, "")}
    if changes:
        answers.keep(contact.id, given)
        audit.record("edit", "contact", contact.id, answers=changes)
    db.session.commit()


def _as_json(present: dict[str, kinds.Answer]) -> str:
    return json.dumps(present, sort_keys=True)


def _found(field_id: int) -> CustomField:
    return db.session.get(CustomField, field_id) or abort(404)
