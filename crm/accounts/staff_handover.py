"""The page that hands over what somebody of the staff has in hand."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts import handing_over, users
from crm.accounts.forms import HandoverForm
from crm.accounts.models import User
from crm.base.guards import requires
from crm.extensions import db

bp = Blueprint("handover_staff", __name__, url_prefix="/staff/users")

Page = str | Response | tuple[str, int]


@bp.route("/<int:user_id>/hand-over", methods=["GET", "POST"])
@requires("users.edit")
def index(user_id: int) -> Page:
    """Show what the user has in hand, and hand it over to another one."""
    giver = db.session.get(User, user_id) or abort(404)
    form, status = HandoverForm(handing_over.receivers(giver)), 200
    if form.validate_on_submit():
        receiver = db.session.get(User, form.receiver.data) or abort(404)
        try:
            moved = handing_over.hand_over(giver, receiver, current_user)
        except users.Refused as refusal:
            db.session.rollback()
            form.receiver.errors, status = [str(refusal)], 422
        else:
            db.session.commit()
            said = ", ".join(f"{one.label} {one.number:,}" for one in moved)
            flash(f"Handed over to {receiver.name}: {said}. {receiver.name} gets a mail about it.", "success")
            return redirect(url_for(".index", user_id=user_id))
    in_hand = handing_over.of(giver)
    page = render_template("accounts/hand_over.html", form=form, giver=giver, in_hand=in_hand)
    return page, 422 if form.errors else status
