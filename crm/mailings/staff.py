"""Pages where mailings are listed, written and previewed."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from crm.base import database
from crm.base.changes import plain
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.contacts.models import Contact
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.mailings import audience, composing, fields, identity, rendering, reporting
from crm.mailings.approval import approving
from crm.mailings.choosing import wanted
from crm.mailings.forms import MailingForm
from crm.mailings.models import KINDS, STATES, Mailing
from crm.mailings.sequences import using

bp = Blueprint("mailings_staff", __name__, url_prefix="/staff/mailings")
# The preview is a page of its own in a sandboxed frame; nothing in it runs or sends, and only pictures are loaded.
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """List the mailings, the newest first, perhaps of one state."""
    state = request.args.get("state", "")
    query = select(Mailing).order_by(Mailing.updated_at.desc(), Mailing.id.desc())
    query = query.where(Mailing.state == state) if state in STATES else query
    query = query.where(using.is_no_step())
    query = query.where(approving.is_asked()) if state == "approval" else query
    page = paginate(query, request.args.get("page", 1, type=int))
    values = {"progress": reporting.progress_of(page.rows), "kinds": KINDS, "states": STATES, "state": state}
    values["asked"] = approving.asked_among([mailing.id for mailing in page.rows])
    return render_template("mailings/staff/index.html", page=page, **values)


@bp.route("/new", methods=["GET", "POST"])
@requires("mailings.edit")
def new() -> str | AnyResponse:
    """Write a new mailing."""
    topic = present_default()
    form = MailingForm(data={"topic_id": topic.id if topic else None})
    if form.validate_on_submit():
        try:
            mailing = composing.create(form.values())
        except composing.BadMailing as bad:
            form.form_errors.append(str(bad))
            return _composer(form)
        db.session.commit()
        flash("Saved as a draft.")
        return redirect(url_for(_next_page(), mailing_id=mailing.id))
    return _composer(form)


@bp.route("/<int:mailing_id>/edit", methods=["GET", "POST"])
@requires("mailings.edit")
def edit(mailing_id: int) -> str | AnyResponse:
    """Change a draft; what another saved meanwhile is shown beside what was typed."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if mailing.state != "draft" and request.method == "GET":
        return redirect(url_for(".show", mailing_id=mailing_id))
    form = MailingForm(mailing)
    if form.validate_on_submit():
        try:
            composing.save(mailing, form.values(), version=form.opened_on)
        except composing.ChangedMeanwhile as changed:
            form.show_again(changed.now.version, {})
            return _composer(form, mailing, theirs=_differences(form, mailing))
        except composing.BadMailing as bad:
            form.form_errors.append(str(bad))
            return _composer(form, mailing)
        db.session.commit()
        flash("Saved.")
        return redirect(url_for(_next_page(), mailing_id=mailing.id))
    return _composer(form, mailing)


@bp.route("/preview", methods=["POST"])
@requires("mailings.edit")
def preview_typed() -> Response:
    """Show what is typed in the form, unsaved, as a contact would see it."""
    markup_name = "html" if request.form.get("markup") == "html" else "markdown"
    with database.looking():
        return _preview(MailingForm().mailing(markup_name), request.form)


@bp.route("/<int:mailing_id>/preview")
@requires("mailings.see")
def preview(mailing_id: int) -> Response:
    """Show a saved mailing as a contact would see it."""
    return _preview(db.get_or_404(Mailing, mailing_id), request.args)


@bp.route("/<int:mailing_id>/copy", methods=["POST"])
@requires("mailings.edit")
def copy(mailing_id: int) -> AnyResponse:
    """Make a new draft of the same content."""
    mailing = composing.copy(db.get_or_404(Mailing, mailing_id))
    db.session.commit()
    flash("This is a copy. Nothing is sent before you schedule it.")
    return redirect(url_for(".edit", mailing_id=mailing.id))


@bp.route("/<int:mailing_id>/delete", methods=["POST"])
@requires("mailings.edit")
def delete(mailing_id: int) -> AnyResponse:
    """Delete a draft."""
    try:
        composing.delete(db.get_or_404(Mailing, mailing_id))
    except composing.BadMailing as bad:
        flash(str(bad), "bad")
        return redirect(url_for(".show", mailing_id=mailing_id))
    db.session.commit()
    flash("Deleted.")
    return redirect(url_for(".index"))


def contact_at(address: str) -> Contact | None:
    """Return the contact of that address, for previews and tests."""
    address = address.strip().lower()
    return db.session.scalar(select(Contact).where(Contact.email == address)) if address else None


def _next_page() -> str:
    return ".review" if request.form.get("then") == "review" else ".edit"


def _composer(form: MailingForm, mailing: Mailing | None = None, theirs: list[tuple[str, str]] | None = None) -> str:
    menu = [(fields.typed(name), field.label) for name, field in fields.FIELDS.items()]
    values: dict[str, Any] = {"form": form, "mailing": mailing, "theirs": theirs or [], "merge_menu": menu}
    with database.looking():
        people = composing.some_contacts(mailing)
        return render_template("mailings/staff/edit.html", **values, people=people)


def _differences(form: MailingForm, mailing: Mailing) -> list[tuple[str, str]]:
    typed = form.values()
    shown = ("subject", "preheader", "body", "kind", "language")
    names = [name for name in shown if plain(typed[name]) != plain(getattr(mailing, name))]
    found = [(form[name].label.text, str(getattr(mailing, name))) for name in names]
    return found + (
        [("Audience", audience.describe(mailing))] if wanted.read(typed["audience"]) != wanted.of(mailing) else []
    )


def _preview(mailing: Mailing, wanted: Any) -> Response:
    mail = rendering.render(mailing, identity.current())
    mail = rendering.personal(mail, fields.values_for(contact_at(wanted.get("as_contact", ""))))
    text = wanted.get("view") == "text"
    answer = Response(mail.text if text else mail.html, mimetype="text/plain" if text else "text/html")
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
