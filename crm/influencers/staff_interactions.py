"""Logging what happened with an influencer, ticking off the next step, and notes that only some may read."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.accounts.destinations import own_page
from crm.base import clock
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import access, approaches, interactions, notes, profiles, screens
from crm.influencers.forms import InteractionForm, NoteForm
from crm.influencers.models import Interaction

bp = Blueprint("interactions_staff", __name__, url_prefix="/staff/interactions")

Page = str | Response | tuple[str, int]


@bp.route("/with/<int:influencer_id>", methods=["POST"])
@requires("influencers.edit")
def log(influencer_id: int) -> Page:
    """Keep what happened or is planned, once whoever does has seen which others approach the same person then."""
    influencer, form = screens.find(influencer_id) or abort(404), InteractionForm(prefix="log")
    if not form.validate():
        return screens.profile(influencer, log_form=form), 422
    try:
        typed, today = form.participants.data or "", clock.today(current_user.zone)
        near = approaches.to_all(influencer, typed, current_user, form.days, today)
        if form.show_approaches(near):
            return screens.profile(influencer, log_form=form, near=near), 409
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
    query = select(Interaction).where(Interaction.id == interaction_id, access.own_interactions(current_user))
    interaction = db.session.scalar(query) or abort(404)
    interactions.complete(interaction, current_user)
    db.session.commit()
    flash(f"Done: {interaction.next_step}", "success")
    influencer, back = profiles.of(interaction.contact), request.form.get("back")
    if influencer is None or back or not access.seen(current_user, [influencer]):
        return redirect(own_page(back))
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))


@bp.route("/with/<int:influencer_id>/notes", methods=["POST"])
@requires("influencers.edit")
def write_note(influencer_id: int) -> Page:
    """Keep a restricted note."""
    influencer, form = screens.find(influencer_id) or abort(404), NoteForm(prefix="note")
    if not form.validate():
        return screens.profile(influencer, note_form=form), 422
    organization_id, admins_only = form.chosen()
    notes.write(
        influencer, form.text.data or "", current_user, organization_id=organization_id, admins_only=admins_only
    )
    db.session.commit()
    flash("The note is kept.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))


@bp.route("/notes/<int:note_id>/delete", methods=["POST"])
@requires("influencers.edit")
def remove_note(note_id: int) -> Response:
    """Delete a restricted note that one may read."""
    note = notes.find(note_id, current_user) or abort(404)
    notes.remove(note)
    db.session.commit()
    flash("The note is deleted.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=note.influencer_id))
