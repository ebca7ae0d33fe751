"""Pages of pictures: the list, uploading, describing, deleting."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.requests import read_more
from crm.extensions import db
from crm.mailings.pictures import keeping, painting, storage
from crm.mailings.pictures.forms import DescriptionForm, UploadForm
from crm.mailings.pictures.models import MailingPicture

bp = Blueprint("mailing_pictures", __name__, url_prefix="/staff/mailings/pictures")

Page = str | Response | tuple[Response | str, int]
PER_PAGE = 24
ROOM = 4  # files of the largest size that are read


@bp.url_value_preprocessor
def read_what_is_too_large(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let staff send more than may be kept: they are told so where they are."""
    read_more(ROOM)


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """List the pictures, the newest first, perhaps of some words alone."""
    return _list(UploadForm(formdata=None))


@bp.route("", methods=["POST"])
@requires("mailings.edit")
def upload() -> Page:
    """Keep a new picture; a script is answered in JSON: id, url, alt, width, height, or the error in words."""
    form = UploadForm()
    try:
        _require(form)
        with keeping.received(form.picture.data, form.values()["alt"], current_user) as picture:
            db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        if _asks_json():
            return jsonify(error=str(refusal)), 422
        form.refuse(refusal.field or "picture", str(refusal))
        return _list(form), 422
    if _asks_json():
        return jsonify(_told(picture))
    flash("The picture is kept.", "success")
    return redirect(url_for(".show", public_id=picture.public_id))


@bp.route("/<public_id>")
@requires("mailings.see")
def show(public_id: str) -> str:
    """Show a picture, and where it is used."""
    picture = _found(public_id)
    return _one(picture, DescriptionForm(obj=picture))


@bp.route("/<public_id>", methods=["POST"])
@requires("mailings.edit")
def describe(public_id: str) -> Page:
    """Change the name and the description of a picture."""
    picture = _found(public_id)
    form = DescriptionForm()
    if not form.validate_on_submit():
        return _one(picture, form), 422
    keeping.describe(picture, **form.values())
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.route("/<public_id>/delete", methods=["POST"])
@requires("mailings.edit")
def delete(public_id: str) -> Response:
    """Delete a picture that no mailing shows."""
    picture = _found(public_id)
    kind = picture.kind
    try:
        keeping.delete(picture)
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".show", public_id=public_id))
    db.session.commit()
    storage.remove(public_id, kind)
    flash("The picture is deleted.", "success")
    return redirect(url_for(".index"))


def _found(public_id: str) -> MailingPicture:
    return keeping.find(public_id) or abort(404)


def _require(form: UploadForm) -> None:
    if not form.validate():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors), "")


def _asks_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _told(picture: MailingPicture) -> dict[str, Any]:
    sizes = {"width": picture.width, "height": picture.height}
    return {"id": picture.public_id, "url": keeping.url(picture), "name": picture.name, "alt": picture.alt, **sizes}


def _list(form: UploadForm) -> str:
    words = request.args.get("q", "").strip()
    page = paginate(keeping.matching(words), request.args.get("page", 1, type=int), per_page=PER_PAGE)
    values = {"page": page, "form": form, "words": words, "file_of": keeping.file_of, "allowed": painting.NAMED}
    most = min(painting.MOST_MEGABYTES, current_app.config["MAX_UPLOAD_MB"])
    return render_template("mailings/pictures/index.html", **values, most=most)


def _one(picture: MailingPicture, form: DescriptionForm) -> str:
    values = {"picture": picture, "form": form, "file": keeping.file_of(picture), "url": keeping.url(picture)}
    return render_template("mailings/pictures/show.html", **values, users=keeping.users_of(picture))
