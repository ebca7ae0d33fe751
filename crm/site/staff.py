"""The dashboard, and the page after the setup."""

from flask import Blueprint, render_template

from crm.base.guards import requires
from crm.site import dashboard

bp = Blueprint("site_staff", __name__, url_prefix="/staff")


@bp.route("/")
@requires("dashboard.see")
def index() -> str:
    """Show the goal, whom to talk to today, and what goes out next."""
    return render_template("site/staff/dashboard.html", **dashboard.values())


@bp.route("/welcome")
@requires("settings.edit")
def welcome() -> str:
    """Lead from the setup to the import."""
    return render_template("site/staff/welcome.html")
