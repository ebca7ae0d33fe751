"""Pages where mailings are listed, written and previewed."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from crm.base import database
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.locales import LANGUAGES
from crm.base.pages import paginate
from crm.contacts.models import Contact
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.mailings import composing, fields, identity, parts, rendering, sending_progress, texts
from crm.mailings.approval import approving
from crm.mailings.archive import as_sent
from crm.mailings.blocks.checking import BadBlocks
from crm.mailings.composer import editing, screens
from crm.mailings.composer.screens import Writing
from crm.mailings.designs import looks
from crm.mailings.forms import MailingForm, TextForm
from crm.mailings.models import KINDS, STATES, Mailing
from crm.mailings.waves import telling

bp = Blueprint("mailings_staff", __name__, url_prefix="/staff/mailings")
bp.url_value_preprocessor(screens.read_what_is_too_long)
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
    query = query.where(parts.stands_alone())
    query = query.where(approving.is_asked()) if state == "approval" else query
    page = paginate(query, request.args.get("page", 1, type=int))
    values = {"progress": sending_progress.progress_of(page.rows), "kinds": KINDS, "states": STATES, "state": state}
    values["whens"] = telling.whens(page.rows)
    values["asked"] = approving.asked_among([mailing.id for mailing in page.rows])
    values["approved"] = approving.approved_among(page.rows)
    return render_template("mailings/staff/index.html", page=page, **values)


@bp.route("/new", methods=["GET", "POST"])
@requires("mailings.edit")
def new() -> str | AnyResponse:
    """Choose what kind of mailing to begin; or write one in Markdown."""
    if request.method == "GET" and request.args.get("write") != "markdown":
        return screens.start()
    topic = present_default()
    form = MailingForm(data={"topic_id": topic.id if topic else None, "kind": request.args.get("kind")})
    if form.validate_on_submit():
        try:
            mailing = composing.create(form.values())
        except composing.BadMailing as bad:
            form.form_errors.append(str(bad))
            return screens.show(Writing(None, "", form))
        db.session.commit()
        flash("Saved as a draft.")
        return redirect(url_for(screens.next_page(), mailing_id=mailing.id))
    return screens.show(Writing(None, "", form))


@bp.route("/<int:mailing_id>/edit", methods=["GET", "POST"])
@requires("mailings.edit")
def edit(mailing_id: int) -> str | AnyResponse:
    """Change a text of a draft; what another saved meanwhile is shown beside what was typed."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if mailing.state != "draft" and request.method == "GET":
        return redirect(url_for(".show", mailing_id=mailing_id))
    writing = screens.opened(mailing, request.args.get("text", ""))
    if "do" in request.form:
        return screens.change(writing, request.form["do"], request.form.get("gone", ""))
    if request.method == "GET" or not screens.save(writing):
        return screens.show(writing)
    place = screens.after_saving(writing, request.form.get("then", ""))
    db.session.commit()
    return redirect(place)


@bp.route("/preview", methods=["POST"])
@requires("mailings.edit")
def preview_typed() -> Response:
    """Show what is typed in the form, unsaved, as a contact would see it."""
    given = request.form.get("markup", "")
    name = given if given in composing.MARKUPS else "markdown"
    with database.looking():
        try:
            said = TextForm().text(name, request.form.get("language", ""))
        except BadBlocks as bad:
            return _framed(str(bad), "text/plain")
        return shown_to(said, request.form, look_of(row_number(request.form.get("mailing", ""))))


@bp.route("/<int:mailing_id>/preview")
@requires("mailings.see")
def preview(mailing_id: int) -> Response:
    """Show a saved mailing as a contact sees it, in the text that this contact gets; a released one as it was sent."""
    mailing = db.get_or_404(Mailing, mailing_id)
    language = request.args.get("text", "")
    wanted = editing.text_in(mailing, language if language in LANGUAGES else "")
    contact = contact_at(request.args.get("as_contact", ""))
    said = texts.read_by(mailing, contact) if "text" not in request.args else wanted
    return shown_to(said, request.args, kept=as_sent.of(said))


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
        flash(str(bad), "error")
        return redirect(url_for(".show", mailing_id=mailing_id))
    db.session.commit()
    flash("Deleted.")
    return redirect(url_for(".index"))


def contact_at(address: str) -> Contact | None:
    """Return the contact of that address, for previews and tests."""
    address = address.strip().lower()
    return db.session.scalar(select(Contact).where(Contact.email == address)) if address else None


def shown_to(
    said: texts.Text, wanted: Any, look: looks.Look | None = None, kept: rendering.Rendered | None = None
) -> Response:
    """Return a text as the contact sees it whom the preview is wanted for, to be shown in a sandboxed frame.

    `kept`: what it showed when it was sent, where it was and that is kept.
    """
    mail = kept or rendering.render(said, identity.current(), look=look)
    mail = rendering.personal(mail, fields.values_for(contact_at(wanted.get("as_contact", ""))))
    text = wanted.get("view") == "text"
    return _framed(mail.text if text else mail.html, "text/plain" if text else "text/html")


def look_of(mailing_id: int) -> looks.Look:
    """Return the look of a mailing, for texts of it that are not kept; of none (0), that of the default design."""
    return looks.look(looks.own_design(mailing_id) or looks.default_design())


def _framed(content: str, mimetype: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
