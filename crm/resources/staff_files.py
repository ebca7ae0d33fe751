"""Pages of a resource's files and cover: uploading, opening, taking off."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import database, shelves
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.requests import read_more, read_to_the_end
from crm.extensions import db
from crm.resources import covers, file_kinds, filing, storage
from crm.resources.forms import CoverForm, FileForm
from crm.resources.models import ResourceFile
from crm.resources.staff import found, resource_page

bp = Blueprint("resource_files_staff", __name__, url_prefix="/staff/library")

Page = str | Response | tuple[str, int]
FORM = 1 << 20  # bytes of a form beside the file


@bp.url_value_preprocessor
def read_what_is_a_little_too_large(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let staff upload a little more than may be kept, to say so on the page itself; what is larger is not written."""
    read_more(1, FORM)


@bp.errorhandler(413)
def too_large(error: Exception) -> tuple[str, int]:
    """Say that a file is too large, and what to do."""
    read_to_the_end()
    return render_template("resources/staff/too_large.html", message=shelves.too_large()), 413


@bp.post("/<int:resource_id>/files")
@requires("resources.edit")
def upload(resource_id: int) -> Page:
    """Add a file, or put it in the place of that in the same language."""
    found(resource_id)
    form = FileForm()
    if not form.validate():
        return resource_page(found(resource_id), file_form=form), 422
    try:
        with filing.received(form.file.data, form.language.data, current_user) as file:
            before = filing.add(found(resource_id), file)
            db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal.field, str(refusal))
        return resource_page(found(resource_id), file_form=form), 422
    if before:
        storage.SHELF.remove(before.token)
    flash("The file is in its place. Links to the old one give the new." if before else "The file is added.", "success")
    return redirect(url_for("resources_staff.show", resource_id=resource_id))


@bp.get("/files/<int:resource_file_id>")
@requires("resources.see")
def download(resource_file_id: int) -> Response:
    """Send a file to the staff, drafts too; it is not counted."""
    file = _file(resource_file_id)
    path = storage.SHELF.path_of(file.token)
    if not path.is_file():
        abort(404)
    answer = send_file(path, file_kinds.KINDS[file.kind].mimetype, as_attachment=True, download_name=file.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.no_store = True
    return answer


@bp.post("/files/<int:resource_file_id>/remove")
@requires("resources.edit")
def remove(resource_file_id: int) -> Response:
    """Take a file off its resource."""
    file = _file(resource_file_id)
    there = url_for("resources_staff.show", resource_id=file.resource_id)
    try:
        filing.take_off(file)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(there)
    db.session.commit()
    storage.SHELF.remove(file.token)
    flash("The file is removed.", "success")
    return redirect(there)


@bp.post("/<int:resource_id>/cover")
@requires("resources.edit")
def cover(resource_id: int) -> Page:
    """Give a resource a cover."""
    found(resource_id)
    form = CoverForm()
    if not form.validate():
        return resource_page(found(resource_id), cover_form=form), 422
    try:
        with database.looking():
            sizes = covers.painted(form.cover.data.stream)
    except Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return resource_page(found(resource_id), cover_form=form), 422
    before = covers.put(found(resource_id), sizes)
    db.session.commit()
    covers.remove(before)
    flash("The cover is in its place.", "success")
    return redirect(url_for("resources_staff.show", resource_id=resource_id))


@bp.post("/<int:resource_id>/cover/remove")
@requires("resources.edit")
def remove_cover(resource_id: int) -> Response:
    """Take the cover off."""
    before = covers.take_off(found(resource_id))
    db.session.commit()
    covers.remove(before)
    flash("The cover is removed.", "success")
    return redirect(url_for("resources_staff.show", resource_id=resource_id))


def _file(resource_file_id: int) -> ResourceFile:
    file = db.session.get(ResourceFile, resource_file_id)
    return file if file is not None and file.replaced_at is None else abort(404)
