"""Snoozing an influencer, and ending that."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import screens
from crm.influencers.snoozes import snoozing
from crm.influencers.snoozes.forms import SnoozeForm

bp = Blueprint("snoozes_staff", __name__, url_prefix="/staff/influencers")

Page = str | Response | tuple[str, int]


@bp.route("/<int:influencer_id>/snooze", methods=["POST"])
@requires("influencers.edit")
def snooze(influencer_id: int) -> Page:
    """Leave the influencer alone until a day, for a reason."""
    influencer, form = screens.find(influencer_id) or abort(404), SnoozeForm(prefix="snooze")
    if form.validate():
        try:
            made = snoozing.snooze(influencer, user=current_user, today=clock.today(current_user.zone), **form.values())
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash(f"{influencer.name} is snoozed until {made.until:%B} {made.until.day}, {made.until.year}.", "success")
            return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))
    return screens.profile(influencer, snooze_form=form), 422


@bp.route("/<int:influencer_id>/snooze/end", methods=["POST"])
@requires("influencers.edit")
def end(influencer_id: int) -> Response:
    """End the snooze before its day."""
    influencer = screens.find(influencer_id) or abort(404)
    ended = snoozing.end(influencer, current_user, clock.today(current_user.zone))
    db.session.commit()
    flash(f"{influencer.name} is snoozed no more." if ended else f"{influencer.name} was not snoozed.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))
