"""Pages of what people sent by a form."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.actions.models import Action
from crm.actions.submissions import narrowing, results, sending
from crm.actions.submissions.forms import PublishForm
from crm.actions.submissions.models import Submission
from crm.base import audit
from crm.base.guards import requires
from crm.base.locales import IN_ENGLISH as LANGUAGES
from crm.base.pages import paginate
from crm.base.tables import csv_lines, send_csv
from crm.contacts.custom_fields import answers, questions
from crm.contacts.custom_fields.models import CustomField
from crm.extensions import db
from crm.organizations import coalition

bp = Blueprint("submissions_staff", __name__, url_prefix="/staff/actions/<int:action_id>/submissions")

Page = str | AnyResponse | tuple[str, int]
HEADER = ("email", "first_name", "last_name", "zip_code", "sent", "story", "may_be_published", "state", "new", "source")


@bp.route("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List what was sent, the newest first."""
    action = _form(action_id)
    page = paginate(sending.matching(action, request.args), request.args.get("page", 1, type=int))
    values = {"sending": sending, "meant": _meant(action), "unread": narrowing.unread(request.args)}
    values["kept"] = narrowing.kept(request.args, "each", *narrowing.OF_ALL, *narrowing.OF_ANSWER)
    return render_template("actions/submissions/index.html", action=action, page=page, **values)


@bp.route("/answers")
@requires("actions.see")
def numbers(action_id: int) -> str:
    """Show what people answered in numbers, each of which opens the list of who said so."""
    action, args = _form(action_id), request.args
    values = {"results": results.of(action, args), "sources": narrowing.sources(action), "each": narrowing.EACH}
    values |= {"kept": narrowing.kept(args, *narrowing.OF_ALL), "unread": narrowing.unread(args)}
    return render_template("actions/submissions/numbers.html", action=action, **values)


@bp.route("/<int:submission_id>")
@requires("actions.see")
def show(action_id: int, submission_id: int) -> str:
    """Show one, with its answers; a story that may be published is made ready for it here."""
    row = _found(action_id, submission_id)
    return _page(row, PublishForm(obj=row) if row.published_text else PublishForm(data=_first(row)))


@bp.route("/<int:submission_id>/publish", methods=["POST"])
@requires("actions.edit")
def publish(action_id: int, submission_id: int) -> Page:
    """Publish a story, or what was changed of it."""
    row, form = _found(action_id, submission_id), PublishForm()
    if form.saves(row, sending.publish):
        db.session.commit()
        flash("The story is public now, on the page of the action and among the stories of the site.", "success")
        return redirect(url_for(".show", action_id=action_id, submission_id=submission_id))
    return _page(row, form), form.status


@bp.route("/<int:submission_id>/decline", methods=["POST"])
@requires("actions.edit")
def decline(action_id: int, submission_id: int) -> AnyResponse:
    """Publish it not, or no longer."""
    sending.decline(_found(action_id, submission_id))
    db.session.commit()
    flash("It is not public.", "success")
    return redirect(url_for(".show", action_id=action_id, submission_id=submission_id))


@bp.route("/export", methods=["POST"])
@requires("contacts.export")
def export(action_id: int) -> AnyResponse:
    """Send what was sent as CSV, a column for each question."""
    action = _form(action_id)
    asked = narrowing.asked(action)
    rows = sending.in_portions(action, request.args, partial(_row, asked))
    header = (*HEADER, *(field.label() for field in asked))
    audit.record("export", sending.THING, action.id)
    name = f"{action.slug}-{coalition.today()}"
    db.session.commit()
    return send_csv(name, csv_lines(header, rows))


def _row(asked: list[CustomField], row: Submission) -> list[Any]:
    person, source = row.contact, row.source.label if row.source else ""
    who = [person.email, person.first_name, person.last_name, person.zip_code, row.at.isoformat()]
    told = [row.story, sending.MAY[row.publish], row.state, "yes" if row.new else "no", source]
    return [*who, *told, *(answers.as_text(field, row.answers) for field in asked)]


def _first(row: Submission) -> dict[str, Any]:
    return {"published_text": row.story, "published_title": row.published_title, "version": row.version}


def _page(row: Submission, form: PublishForm) -> str:
    known = questions.by_key()
    told = [(known[key].label(), answers.as_text(known[key], row.answers)) for key in row.answers if key in known]
    return render_template("actions/submissions/show.html", row=row, form=form, told=told, sending=sending)


def _meant(action: Action) -> list[str]:
    """Return in words what of the list is meant besides what its filters show."""
    args, field = request.args, narrowing.question(action, request.args)
    days = [f"from {args['from']}" if args.get("from") else "", f"until {args['until']}" if args.get("until") else ""]
    told = [LANGUAGES.get(args.get("language", ""), ""), " ".join(filter(None, days))]
    told.append(f"came by {args['source']}" if args.get("source") else "")
    if field is not None:
        told.append(f"{field.label()}: {_answer_meant(field)}")
    return [*filter(None, told), *(["of each person what they sent last"] if args.get("each") else [])]


def _answer_meant(field: CustomField) -> str:
    args = request.args
    if args.get("given") == "no":
        return "no answer"
    if args.get("answer"):
        return {"yes": "Yes", "no": "No"}.get(args["answer"]) or field.words(args["answer"])
    if args.get("upto"):
        return f"at most {args['upto']}"
    return args.get("month") or "answered"


def _form(action_id: int) -> Action:
    action = db.session.get(Action, action_id)
    if action is None or action.kind != "form":
        abort(404)
    return action


def _found(action_id: int, submission_id: int) -> Submission:
    row = db.session.get(Submission, submission_id)
    if row is None or row.action_id != action_id:
        abort(404)
    return row
