"""Taking note of a position."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Collision, Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import screens
from crm.influencers.positions import stances
from crm.influencers.positions.forms import PositionForm

bp = Blueprint("positions_staff", __name__, url_prefix="/staff/influencers")

Page = str | Response | tuple[str, int]


@bp.route("/<int:influencer_id>/position", methods=["POST"])
@requires("influencers.edit")
def note(influencer_id: int) -> Page:
    """Keep where the influencer stands on a campaign; where somebody else did meanwhile, say so first."""
    influencer, form = screens.find(influencer_id) or abort(404), PositionForm(prefix="position")
    if not form.validate():
        return screens.profile(influencer, position_form=form), 422
    try:
        stances.note(influencer, user=current_user, opened_on=form.opened_on, **form.values())
    except Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return screens.profile(influencer, position_form=form), 422
    except Collision as collision:
        form.refuse("stance", screens.noted_meanwhile(collision))
        return screens.profile(influencer, position_form=form), 409
    db.session.commit()
    flash("The position is kept.", "success")
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id))
