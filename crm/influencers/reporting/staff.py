"""Pages of the report of asks."""

from flask import Blueprint, Response, render_template
from flask_login import current_user

from crm.base import audit, clock, database, sheets
from crm.base.guards import requires
from crm.base.tables import send_csv
from crm.extensions import db
from crm.influencers import asks, ledger, screens
from crm.influencers.reporting import export
from crm.influencers.reporting import figures as counted
from crm.influencers.saved_filters import words
from crm.organizations import coalition

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
    return send_csv(_named("asks-report"), export.figures(found))


@bp.route("/report.xlsx")
@requires("influencers.see")
def report_xlsx() -> Response:
    """Send the figures as a spreadsheet."""
    wanted = screens.filters(ledger.FILTERS)
    found = counted.collect(wanted, clock.today(current_user.zone), current_user)
    return sheets.send(export.figure_sheets(found), _named("asks-report"), current_user.zone)


@bp.route("/export", methods=["POST"])
@requires("influencers.edit")
def export_csv() -> Response:
    """Send the asks themselves as a file, and write down who took them."""
    wanted, today = _taken("csv"), clock.today(current_user.zone)
    with database.looking():
        return send_csv(_named("asks"), list(export.asks(wanted, today, current_user)))


@bp.route("/export.xlsx", methods=["POST"])
@requires("influencers.edit")
def export_xlsx() -> Response:
    """Send the asks themselves as a spreadsheet, and write down who took them."""
    wanted, today, zone = _taken("xlsx"), clock.today(current_user.zone), current_user.zone
    with database.looking():
        return sheets.send(export.ask_sheets(wanted, today, current_user), _named("asks"), zone)


def _taken(kind: str) -> dict[str, str]:
    """Write down who takes the asks that the address names, and return its filters. Commits."""
    wanted = screens.filters(ledger.FILTERS)
    audit.record("export", "ask", filter=words.of(wanted), kind=kind)
    db.session.commit()
    return wanted


def _named(name: str) -> str:
    return f"{name}-{coalition.today()}"
