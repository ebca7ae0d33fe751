"""Pages of the letters and calls of an action, and of the texts that it suggests."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.actions.letters import figures, listing, texts
from crm.actions.letters.forms import SuggestedTextForm
from crm.actions.letters.models import SuggestedText
from crm.actions.targets import channels, recipients
from crm.actions.targets.models import Target
from crm.actions.targets.staff import found
from crm.base import audit
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.tables import csv_lines, send_csv
from crm.extensions import db
from crm.organizations import coalition

bp = Blueprint("letters_staff", __name__, url_prefix="/staff/actions/<int:action_id>")

Page = str | AnyResponse | tuple[str, int]


@bp.get("/letters/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List letters and calls, the newest first."""
    action = found(action_id)
    page = paginate(listing.matching(action_id, request.args), request.args.get("page", 1, type=int))
    target = db.session.get(Target, row_number(request.args.get("target", "")))
    values = {"page": page, "rows": listing.shown(page.rows), "states": figures.STATES}
    values |= {"channels": channels.WORDS, "who": listing.WHO, "named": recipients.named}
    values |= {"target": target if target and target.action_id == action_id else None}
    tell = request.args.get("state") == figures.GONE and target is None
    values["of_gone"] = figures.of_gone(action_id) if tell else ""
    return render_template("actions/letters/staff/index.html", action=action, **values)


@bp.post("/letters/export")
@requires("contacts.export")
def export(action_id: int) -> AnyResponse:
    """Send them as CSV."""
    action = found(action_id)
    audit.record("export", "outreach", action.id)
    name = f"letters-{action.slug}-{coalition.today()}"
    db.session.commit()
    return send_csv(name, csv_lines(listing.HEADER, listing.rows(action_id, request.args)))


@bp.get("/letters/texts/")
@requires("actions.see")
def suggested(action_id: int) -> str:
    """List the texts that supporters may begin with."""
    values = {"texts": texts.of(action_id)}
    return render_template("actions/letters/staff/texts.html", action=found(action_id), **values)


@bp.route("/letters/texts/new", methods=["GET", "POST"])
@requires("actions.edit")
def new_text(action_id: int) -> Page:
    """Suggest another text."""
    kind = "call" if found(action_id).kind == channels.CALL else "letter"
    return _save(SuggestedText(action_id=action_id, kind=kind, language="en"), "New text")


@bp.route("/letters/texts/<int:text_id>", methods=["GET", "POST"])
@requires("actions.edit")
def edit_text(action_id: int, text_id: int) -> Page:
    """Change a text; letters that began with it stay as they are."""
    text = _text(action_id, text_id)
    return _save(text, text.subject or "What to say")


@bp.post("/letters/texts/<int:text_id>/delete")
@requires("actions.edit")
def delete_text(action_id: int, text_id: int) -> AnyResponse:
    """Suggest a text no more."""
    texts.delete(_text(action_id, text_id))
    db.session.commit()
    flash("The text is deleted.", "success")
    return redirect(url_for(".suggested", action_id=action_id))


def _save(text: SuggestedText, title: str) -> Page:
    form = SuggestedTextForm(obj=text)
    if form.saves(text, texts.save):
        db.session.commit()
        flash("Saved.", "success")
        return redirect(url_for(".suggested", action_id=text.action_id))
    values = {"title": title, "text": text, "action": found(text.action_id)}
    return render_template("actions/letters/staff/text.html", form=form, **values), form.status


def _text(action_id: int, text_id: int) -> SuggestedText:
    text = db.session.get(SuggestedText, text_id)
    if text is None or text.action_id != action_id:
        abort(404)
    return text
