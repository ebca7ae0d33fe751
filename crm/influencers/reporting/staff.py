"""Pages of the report of asks."""

from flask import Blueprint, Response, render_template
from flask_login import current_user

from crm.base import audit, clock, database
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import asks, ledger, screens
from crm.influencers.reporting import export
from crm.influencers.reporting import figures as counted
from crm.influencers.saved_filters import words

bp = Blueprint("ask_report_staff", __name__, url_prefix="/staff/asks")


@bp.route("/report")
@requires("influencers.see")
def report() -> str:
    """Show the figures of the asks that the address names, as in the ledger."""
    wanted = screens.filters(ledger.FILTERS)
    found = counted.collect(wanted, clock.today(current_user.zone), current_user)
    return render_template(
        "influencers/report.html",
        report=found,
        wanted=wanted,
        said=words.of(wanted),
        categories=asks.CATEGORIES,
        ask_states=asks.STATES,
        units=asks.UNITS,
    )


@bp.route("/report.csv")
@requires("influencers.see")
def report_csv() -> Response:
    """Send the figures as a file."""
    wanted = screens.filters(ledger.FILTERS)
    found = counted.collect(wanted, clock.today(current_user.zone), current_user)
    return _file("".join(export.figures(found)), "asks-report")


@bp.route("/export", methods=["POST"])
@requires("influencers.edit")
def export_csv() -> Response:
    """Send the asks themselves as a file, and write down who took them."""
    wanted, today = screens.filters(ledger.FILTERS), clock.today(current_user.zone)
    audit.record("export", "ask", filter=words.of(wanted))
    db.session.commit()
    with database.looking():
        lines = "".join(export.asks(wanted, today, current_user))
    return _file(lines, "asks")


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}-{clock.today()}.csv"
    answer.headers["Cache-Control"] = "no-store"
    return answer
