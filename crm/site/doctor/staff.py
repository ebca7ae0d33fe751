"""The page of the doctor, for admins."""

from typing import cast

from flask import Blueprint, Flask, current_app, render_template, request

from crm.base.guards import requires
from crm.site.doctor import visit

bp = Blueprint("doctor_staff", __name__, url_prefix="/staff/delivery/doctor")


@bp.route("/")
@requires("settings.edit")
def index() -> str:
    """Show what is here at once, and what the mail server and the DNS say when asked for (at most 12 seconds)."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    asked = "network" in request.args
    rows = visit.here(app)
    return render_template("site/staff/doctor.html", here=rows, outside=visit.outside(app) if asked else None)
