"""The board of stages, and moving from one to another: by its cards, by the profile, and after somebody else did."""

from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Collision
from crm.base.forms import first_error
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import board as stage_board
from crm.influencers import chart as two_by_two
from crm.influencers import listing, pipeline, screens
from crm.influencers.models import Influencer
from crm.influencers.stages import table
from crm.influencers.stages.forms import MoveForm

bp = Blueprint("board_staff", __name__, url_prefix="/staff/influencers")

Page = str | Response | tuple[str | Response, int]


@bp.route("/board")
@requires("influencers.see")
def board() -> str:
    """Show the stages as columns of cards, in lanes where wanted."""
    wanted = screens.filters(listing.FILTERS)
    by = request.args.get("lanes", "")
    by = by if by in stage_board.LANES else ""
    return render_template(
        "influencers/board.html",
        lanes=stage_board.lanes(wanted, by, clock.today(current_user.zone), current_user),
        by=by,
        kinds=stage_board.LANES,
        wanted=wanted,
        here=_here(),
        **screens.choices(),
    )


@bp.route("/chart")
@requires("influencers.see")
def chart() -> str:
    """Show how many influencers there are by influence and interest."""
    wanted = {name: value for name, value in screens.filters(listing.FILTERS).items() if name not in listing.SCORES}
    drawn = two_by_two.draw(wanted, current_user)
    choices = screens.choices()
    return render_template("influencers/chart.html", chart=drawn, scale=two_by_two.SCALE, wanted=wanted, **choices)


@bp.route("/<int:influencer_id>/move", methods=["POST"])
@requires("influencers.edit")
def move(influencer_id: int) -> Page:
    """Move to another stage; where somebody else did meanwhile, say so and let them choose."""
    influencer, form = screens.find(influencer_id) or abort(404), MoveForm()
    error, moved = first_error(form) if not form.validate() else "", None
    try:
        if not error:
            moved = pipeline.move(influencer, form.stage.data, current_user, form.reason.data or "", form.opened_on)
            db.session.commit()
    except Collision as collision:
        error = screens.moved_meanwhile(influencer, collision, form.stage.data)
    except table.UnknownStage as gone:
        error = str(gone)
    if request.headers.get("X-Requested-With") == "fetch":
        return _told(influencer, error, form.stage.data)
    if error:
        return _ask_again(influencer, form, error)
    label = table.every_label()[influencer.stage]
    flash(f"{influencer.name} {f'is in {label} now' if moved else f'was in {label} already'}.", "success")
    return redirect(_back(influencer))


def _told(influencer: Influencer, error: str, wanted: str) -> Page:
    """Answer the script of the board: where the card is now, why a move was not made, whether it can be made again."""
    answer = {"version": influencer.version, "stage": influencer.stage, "message": error}
    return jsonify({**answer, "again": bool(error) and wanted in table.labels()}), 409 if error else 200


def _ask_again(influencer: Influencer, form: MoveForm, error: str) -> Page:
    """Show why the move was not made, with the same move to make on the present version."""
    form.show_again(influencer.version, {})
    if form.stage.data not in table.labels():
        form.stage.data = influencer.stage
    page = render_template(
        "influencers/move.html",
        influencer=influencer,
        form=form,
        error=error,
        now=table.every_label().get(influencer.stage, influencer.stage),
        back=_back(influencer),
        board=request.form.get("back") == "board",
        here=_here(),
    )
    return page, 409


def _back(influencer: Influencer) -> str:
    """Return where the move was made: the board as it was filtered, at the card, or the profile."""
    if request.form.get("back") != "board":
        return url_for("influencers_staff.show", influencer_id=influencer.id)
    return url_for(".board", _anchor=f"card-{influencer.id}", **_here())


def _here() -> dict[str, Any]:
    return screens.filters((*listing.FILTERS, "lanes"))
