"""The page that shows how many forms of visitors were stopped, and why."""

from flask import Blueprint, render_template

from crm.base.guards import requires
from crm.contacts.defence import stopped

bp = Blueprint("stopped_forms_staff", __name__, url_prefix="/staff/delivery/forms")


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """Show the last month, a row a day."""
    return render_template("contacts/defence/stopped.html", days=stopped.recent(), outcomes=stopped.OUTCOMES)
