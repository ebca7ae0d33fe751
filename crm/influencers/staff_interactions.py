"""Logging what happened with an influencer, and ticking off the next step."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import interactions, profiles, screens
from crm.influencers.forms import InteractionForm
from crm.influencers.models import Influencer, Interaction

bp = Blueprint("interactions_staff", __name__, url_prefix="/staff/interactions")

Page = str | Response | tuple[str, int]


@bp.route("/with/<int:influencer_id>", methods=["POST"])
@requires("influencers.edit")
def log(influencer_id: int) -> Page:
    """Keep what happened."""
    influencer, form = db.session.get(Influencer, influencer_id) or abort(404), InteractionForm(prefix="log")
    if not form.validate():
        return screens.profile(influencer, log_form=form), 422
    try:
        interactions.log(influencer.contact, user=current_user, **form.values())
    except interactions.Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return screens.profile(influencer, log_form=form), 422
    db.session.commit()
    flash(f"Logged with {influencer.name}.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))


@bp.route("/<int:interaction_id>/done", methods=["POST"])
@requires("influencers.edit")
def complete(interaction_id: int) -> Response:
    """Tick off the next step, and go back to where that was done."""
    interaction = db.session.get(Interaction, interaction_id) or abort(404)
    interactions.complete(interaction, current_user)
    db.session.commit()
    flash(f"Done: {interaction.next_step}", "success")
    influencer = profiles.of(interaction.contact)
    if influencer is None or request.form.get("back") == "today":
        return redirect("/staff/")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))
