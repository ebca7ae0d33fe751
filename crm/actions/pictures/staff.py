"""Pages where staff give an action its pictures."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.actions.models import Action
from crm.actions.pictures import keeping
from crm.actions.pictures.forms import DescriptionForm, PictureForm
from crm.actions.pictures.models import ActionPicture
from crm.base import database
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db

bp = Blueprint("action_pictures_staff", __name__, url_prefix="/staff/actions/<int:action_id>/pictures")

Page = str | Response | tuple[str, int]


@bp.get("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List the pictures of an action."""
    return _page(_action(action_id), PictureForm())


@bp.post("/")
@requires("actions.edit")
def upload(action_id: int) -> Page:
    """Add a picture."""
    form = PictureForm()
    if not form.validate():
        return _page(_action(action_id), form), 422
    try:
        with database.looking():
            made = keeping.painted(form.picture.data.stream)
        keeping.put(_action(action_id), made, form.picture.data.filename or "", form.alts())
    except Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return _page(_action(action_id), form), 422
    db.session.commit()
    flash("The picture is in its place.", "success")
    return redirect(url_for(".index", action_id=action_id))


@bp.route("/<int:picture_id>", methods=["GET", "POST"])
@requires("actions.edit")
def edit(action_id: int, picture_id: int) -> Page:
    """Change what is told to those who do not see it."""
    picture = _picture(action_id, picture_id)
    form = DescriptionForm(obj=picture)
    if form.validate_on_submit():
        keeping.describe(picture, form.alts())
        db.session.commit()
        flash("Saved.", "success")
        return redirect(url_for(".index", action_id=action_id))
    page = render_template("actions/pictures/edit.html", picture=picture, form=form, action=picture.action)
    return page, 422 if form.errors else 200


@bp.post("/<int:picture_id>/remove")
@requires("actions.edit")
def remove(action_id: int, picture_id: int) -> Response:
    """Take a picture off."""
    files = keeping.take_off(_picture(action_id, picture_id))
    db.session.commit()
    for name in files:
        keeping.SHELF.remove(name)
    flash("The picture is removed.", "success")
    return redirect(url_for(".index", action_id=action_id))


def _page(action: Action, form: PictureForm) -> str:
    values = {"pictures": keeping.of(action.id), "most": keeping.MOST}
    return render_template("actions/pictures/index.html", action=action, form=form, **values)


def _action(action_id: int) -> Action:
    action: Action = db.session.get(Action, action_id) or abort(404)
    return action


def _picture(action_id: int, picture_id: int) -> ActionPicture:
    picture = db.session.get(ActionPicture, picture_id)
    return picture if picture is not None and picture.action_id == action_id else abort(404)
