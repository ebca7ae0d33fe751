"""The page of a briefing, made to be printed."""

from flask import Blueprint, abort, render_template, request
from flask_login import current_user

from crm.base import clock
from crm.base.guards import requires
from crm.influencers import asks, interactions, screens
from crm.influencers.briefings import writing
from crm.influencers.positions import stances

bp = Blueprint("briefings_staff", __name__, url_prefix="/staff/influencers")


@bp.route("/<int:influencer_id>/briefing")
@requires("influencers.see")
def show(influencer_id: int) -> str:
    """Show the briefing on an ask (?ask=), or on the one that is due first."""
    influencer, today = screens.find(influencer_id) or abort(404), clock.today(current_user.zone)
    briefing = writing.write(influencer, request.args.get("ask", type=int), current_user, today) or abort(404)
    return render_template(
        "influencers/briefings/show.html",
        briefing=briefing,
        influencer=influencer,
        ask=briefing.ask,
        today=today,
        ask_states=asks.STATES,
        categories=asks.CATEGORIES,
        kinds=interactions.KINDS,
        stances=stances.STANCES,
    )
