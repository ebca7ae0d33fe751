"""Where staff put a mailing into the public archive, or take it off."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.extensions import db
from crm.mailings.archive import archiving
from crm.mailings.models import Mailing

bp = Blueprint("archive_staff", __name__, url_prefix="/staff/mailings")


@bp.post("/<int:mailing_id>/archive")
@requires("mailings.edit")
def choose(mailing_id: int) -> Response:
    """Show a mailing in the archive, or no longer."""
    mailing = db.get_or_404(Mailing, mailing_id)
    shown = "shown" in request.form
    archiving.choose(mailing, shown)
    db.session.commit()
    when = "" if mailing.messages else " once it is released"
    flash(f"It stands in the public archive{when}." if shown else "It does not stand in the public archive.")
    return redirect(url_for("mailings_staff.show", mailing_id=mailing_id))
