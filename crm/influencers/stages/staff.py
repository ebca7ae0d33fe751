"""Pages of stages, for admins."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.stages import editing, table
from crm.influencers.stages.forms import RemoveForm, StageForm
from crm.influencers.stages.models import Stage

bp = Blueprint("stages_staff", __name__, url_prefix="/staff/settings/stages")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("settings.edit")
def index() -> str:
    """Show the stages in their order."""
    return render_template(
        "influencers/stages/index.html",
        stages=table.everything(),
        counts=editing.counts(current_user),
        usual=current_app.config["STALE_AFTER_DAYS"],
    )


@bp.route("/new", methods=["GET", "POST"])
@requires("settings.edit")
def new() -> Page:
    """Add a stage at the end."""
    return _save(Stage(), StageForm())


@bp.route("/<int:stage_id>", methods=["GET", "POST"])
@requires("settings.edit")
def edit(stage_id: int) -> Page:
    """Rename a stage, or say when silence in it is too long."""
    stage = _found(stage_id)
    return _save(stage, StageForm(obj=stage))


@bp.route("/<int:stage_id>/move", methods=["POST"])
@requires("settings.edit")
def move(stage_id: int) -> Response:
    """Move a stage up or down."""
    editing.move(_found(stage_id), up=request.form.get("to") == "up")
    db.session.commit()
    return redirect(url_for(".index"))


@bp.route("/<int:stage_id>/remove", methods=["GET", "POST"])
@requires("settings.edit")
def remove(stage_id: int) -> Page:
    """Remove a stage, once it is said where its influencers go."""
    stage, status = _found(stage_id), 200
    form = RemoveForm(stage)
    if form.validate_on_submit():
        try:
            moved = editing.remove(stage, form.to.data, form.reason.data or "", current_user)
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
            status = 422
        else:
            db.session.commit()
            flash(f"The stage {stage.label} is removed, and {moved} influencers were moved.", "success")
            return redirect(url_for(".index"))
    used = editing.used_by(stage)
    return render_template("influencers/stages/remove.html", form=form, stage=stage, used=used), status


def _save(stage: Stage, form: StageForm) -> Page:
    if form.saves(stage, editing.save):
        db.session.commit()
        flash(f"The stage {stage.label} is saved.", "success")
        return redirect(url_for(".index"))
    usual = current_app.config["STALE_AFTER_DAYS"]
    return render_template("influencers/stages/edit.html", form=form, stage=stage, usual=usual), form.status


def _found(stage_id: int) -> Stage:
    stage = db.session.get(Stage, stage_id)
    return stage if stage and stage.removed_at is None else abort(404)
