"""Asking for a look at the links of a mailing and at its sender."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import audit, limits
from crm.base.guards import requires
from crm.extensions import db
from crm.mailings.checking import links
from crm.mailings.models import Mailing

bp = Blueprint("mailing_checking_staff", __name__, url_prefix="/staff/mailings")
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20


@bp.route("/<int:mailing_id>/links", methods=["POST"])
@requires("mailings.edit")
def check_links(mailing_id: int) -> Response:
    """Ask for a look at all of them."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if not limits.allow(f"link-looks:{current_user.id}", MOST_AN_HOUR, AN_HOUR):
        db.session.commit()
        flash(f"You have asked for {MOST_AN_HOUR} looks within an hour. Go on in the next one.", "error")
        return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))
    links.ask(mailing.id, anew=True)
    audit.record("check_links", "mailing", mailing.id)
    db.session.commit()
    flash("The links are looked at in the background. Reload this page in a minute.")
    return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))
