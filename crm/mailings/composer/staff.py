"""Pages around writing a mailing: begin, save by itself, who else has it open, languages, history."""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.base.locales import LANGUAGES
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.composer import editing, history, revisions, screens, starting, versions
from crm.mailings.composer.models import MailingRevision
from crm.mailings.models import KINDS, Mailing
from crm.mailings.staff import look_of, shown_to

bp = Blueprint("composer_staff", __name__, url_prefix="/staff/mailings")
bp.url_value_preprocessor(screens.read_what_is_too_long)


@bp.route("/begin", methods=["POST"])
@requires("mailings.edit")
def begin() -> Response:
    """Make a draft of the chosen kind, with the blocks that such a mailing begins with."""
    kind, language, topic = request.form.get("kind", ""), request.form.get("language", "en"), present_default()
    if kind not in KINDS or language not in LANGUAGES or topic is None:
        abort(400)
    mailing = starting.begin(kind, language, topic)
    db.session.commit()
    flash("A draft is begun. Nothing is sent before you schedule it.")
    return redirect(url_for(screens.EDIT, mailing_id=mailing.id))


@bp.route("/<int:mailing_id>/autosave", methods=["POST"])
@requires("mailings.edit")
def autosave(mailing_id: int) -> tuple[Response, int]:
    """Save what is typed while it is typed: 200 saved, 409 another saved meanwhile, 422 it cannot be saved so."""
    mailing = db.get_or_404(Mailing, mailing_id)
    writing = screens.opened(mailing, request.args.get("text", ""))
    if not screens.save(writing, by_hand=False):
        db.session.rollback()
        faults = [*writing.form.form_errors, *(error for one in writing.form for error in one.errors)]
        overtaken = "Somebody else saved this meanwhile. Nothing of yours is lost: save, and see both."
        answer = {"message": overtaken if writing.overtaken else " ".join(map(str, faults))}
        return jsonify(answer), 409 if writing.overtaken else 422
    saved = {"version": mailing.version, "opened": editing.digest(writing.text or mailing)}
    others = _others(mailing, writing.form.sheet.key)
    db.session.commit()
    return jsonify({**saved, "others": others}), 200


@bp.route("/<int:mailing_id>/open", methods=["POST"])
@requires("mailings.edit")
def still_open(mailing_id: int) -> Response:
    """Write down that somebody has the mailing open (or has closed it), and tell who else has."""
    mailing = db.get_or_404(Mailing, mailing_id)
    key = request.form.get("key", "")[: editing.LONGEST_KEY]
    if request.form.get("closed"):
        editing.leave(key)
    else:
        language = request.args.get("text", "")
        editing.note(mailing, language if language in LANGUAGES else "", key)
    db.session.commit()
    return jsonify({"others": _others(mailing, key), "version": mailing.version, "state": mailing.state})


@bp.route("/<int:mailing_id>/texts/<language>/remove", methods=["POST"])
@requires("mailings.edit")
def remove_version(mailing_id: int, language: str) -> Response:
    """Remove the version in that language."""
    try:
        versions.remove(db.get_or_404(Mailing, mailing_id), language)
    except composing.BadMailing as bad:
        db.session.rollback()
        flash(str(bad), "error")
        return redirect(url_for("mailings_staff.show", mailing_id=mailing_id))
    db.session.commit()
    flash("The version is removed. The history keeps what it said.")
    return redirect(url_for(screens.EDIT, mailing_id=mailing_id))


@bp.route("/<int:mailing_id>/history")
@requires("mailings.see")
def past(mailing_id: int) -> str:
    """List what the mailing said before, the newest first."""
    mailing = db.get_or_404(Mailing, mailing_id)
    found = revisions.of(mailing)
    names = editing.names_of([one.who for one in found])
    rows = history.with_changes(found)
    return render_template("mailings/composer/history.html", mailing=mailing, rows=rows, names=names)


@bp.route("/<int:mailing_id>/history/<int:revision_id>")
@requires("mailings.see")
def revision(mailing_id: int, revision_id: int) -> str:
    """Show what the mailing said then, in each language."""
    mailing = db.get_or_404(Mailing, mailing_id)
    found = history.find(mailing, revision_id) or abort(404)
    said, name = revisions.texts_in(found), editing.names_of([found.who])[found.who]
    current = revisions.newest(mailing)
    values = {"mailing": mailing, "revision": found, "texts": said, "name": name}
    return render_template(
        "mailings/composer/revision.html", **values, is_current=found is current, languages=LANGUAGES
    )


@bp.route("/<int:mailing_id>/history/<int:revision_id>/preview")
@requires("mailings.see")
def preview(mailing_id: int, revision_id: int) -> Response:
    """Show one text of a revision as a contact would see it."""
    found = history.find(db.get_or_404(Mailing, mailing_id), revision_id) or abort(404)
    said = revisions.texts_in(found)
    wanted = next((one for one in said if one.language == request.args.get("text")), said[0])
    return shown_to(wanted, request.args, look_of(mailing_id))


@bp.route("/<int:mailing_id>/history/<int:revision_id>/restore", methods=["POST"])
@requires("mailings.edit")
def restore(mailing_id: int, revision_id: int) -> Response:
    """Let the mailing say again what it said then."""
    mailing = db.get_or_404(Mailing, mailing_id)
    found: MailingRevision = history.find(mailing, revision_id) or abort(404)
    try:
        history.restore(mailing, found)
    except composing.BadMailing as bad:
        db.session.rollback()
        flash(str(bad), "error")
        return redirect(url_for(".revision", mailing_id=mailing_id, revision_id=revision_id))
    db.session.commit()
    flash("It says again what it said then. What it said until now stays in the history.")
    return redirect(url_for(screens.EDIT, mailing_id=mailing_id))


def _others(mailing: Mailing, key: str) -> list[dict[str, str]]:
    found = editing.others(mailing, key)
    return [{"name": one.name, "since": one.since, "written": one.written} for one in found]
