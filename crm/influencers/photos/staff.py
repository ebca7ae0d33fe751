"""Pages of photos: showing one, changing it, removing it."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from crm.base import database, uploaded_pictures
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import screens
from crm.influencers.evidence import staff as evidence
from crm.influencers.models import Influencer
from crm.influencers.photos import keeping
from crm.influencers.photos.forms import PhotoForm

bp = Blueprint("photos_staff", __name__, url_prefix="/staff/influencers")

bp.url_value_preprocessor(evidence.read_what_is_too_large)

Page = str | BaseResponse | tuple[str, int]


@bp.route("/<int:influencer_id>/photo")
@requires("influencers.see")
def picture(influencer_id: int) -> BaseResponse:
    """Send the photo; a browser keeps it, and asks each time whether it still may show it."""
    photo = keeping.seen(influencer_id, current_user) or abort(404)
    answer = Response(photo.content, mimetype="image/jpeg")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.private, answer.cache_control.no_cache = True, True
    answer.set_etag(photo.digest)
    return answer.make_conditional(request)


@bp.route("/<int:influencer_id>/photo/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(influencer_id: int) -> Page:
    """Put a photo in the place of the one before."""
    _found(influencer_id)
    form = PhotoForm()
    if form.validate_on_submit():
        try:
            with database.looking():
                made = uploaded_pictures.small(form.photo.data.stream, current_app.config["MAX_UPLOAD_MB"])
        except Refused as refusal:
            form.photo.errors = [str(refusal)]
        else:
            keeping.put(_found(influencer_id), made, current_user)
            db.session.commit()
            flash("The photo is kept.", "success")
            return redirect(url_for("influencers_staff.show", influencer_id=influencer_id))
    return _form(_found(influencer_id), form), 422 if form.errors else 200


@bp.route("/<int:influencer_id>/photo/remove", methods=["POST"])
@requires("influencers.edit")
def remove(influencer_id: int) -> BaseResponse:
    """Remove the photo."""
    removed = keeping.remove(_found(influencer_id), current_user)
    db.session.commit()
    flash("The photo is removed." if removed else "There was no photo.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer_id))


def _form(influencer: Influencer, form: PhotoForm) -> str:
    kinds, most = uploaded_pictures.NAMED, current_app.config["MAX_UPLOAD_MB"]
    values = {"influencer": influencer, "photo": keeping.of(influencer), "form": form, "allowed": kinds, "most": most}
    return render_template("influencers/photos/edit.html", **values)


def _found(influencer_id: int) -> Influencer:
    return screens.find(influencer_id) or abort(404)
