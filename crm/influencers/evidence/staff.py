"""Pages of evidence files: adding one, opening it, removing it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, send_file, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.base.requests import read_more
from crm.extensions import db
from crm.influencers import access, asks, screens
from crm.influencers.evidence import filing, kinds, storage
from crm.influencers.evidence.forms import EvidenceForm
from crm.influencers.models import Ask

bp = Blueprint("ask_files_staff", __name__, url_prefix="/staff/asks")

Page = str | Response | tuple[str, int]
ROOM = 8  # files of the largest size that are read


@bp.url_value_preprocessor
def read_what_is_too_large(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let staff upload more than may be kept: the form is shown again then, with all that was typed."""
    read_more(ROOM)


@bp.route("/<int:ask_id>/files", methods=["POST"])
@requires("influencers.edit")
def add(ask_id: int) -> Page:
    """Add an evidence file."""
    ask = db.session.scalar(select(Ask).where(Ask.id == ask_id, access.asks(current_user))) or abort(404)
    form = EvidenceForm(prefix="evidence")
    try:
        if not form.validate():
            return screens.ask_page(ask, evidence=form), 422
        with filing.received(form.file.data, form.values()["note"]) as file:
            filing.add(ask, file, current_user)
            db.session.commit()
    except asks.Refused as refusal:
        db.session.rollback()
        form.refuse(refusal.field, str(refusal))
        return screens.ask_page(ask, evidence=form), 422
    flash("The file is added.", "success")
    return redirect(url_for("asks_staff.show", ask_id=ask_id))


@bp.route("/files/<int:file_id>")
@requires("influencers.see")
def download(file_id: int) -> Response:
    """Send an evidence file, to be kept and never to be shown as a page of ours."""
    file = filing.find(file_id, current_user) or abort(404)
    path = storage.SHELF.path_of(file.token)
    if not path.is_file():
        abort(404)
    answer = send_file(path, kinds.KINDS[file.kind].mimetype, as_attachment=True, download_name=file.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.no_store = True
    return answer


@bp.route("/files/<int:file_id>/delete", methods=["POST"])
@requires("influencers.edit")
def remove(file_id: int) -> Response:
    """Remove an evidence file."""
    file = filing.find(file_id, current_user) or abort(404)
    ask_id, token = file.ask_id, file.token
    try:
        filing.remove(file, current_user)
    except asks.Refused as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        storage.SHELF.remove(token)
        flash("The file is removed.", "success")
    return redirect(url_for("asks_staff.show", ask_id=ask_id))
