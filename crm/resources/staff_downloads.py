"""Pages of downloads and of the organizations that they propose."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import audit, sheets
from crm.base.changes import Refused
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.tables import send_csv
from crm.extensions import db
from crm.resources import export, figures, proposing
from crm.resources.figures import Asked
from crm.resources.models import ResourceProposal

bp = Blueprint("downloads_staff", __name__, url_prefix="/staff/library/downloads")


@bp.get("/")
@requires("resources.see")
def index() -> str:
    """Show how often resources were taken, by what and by whom."""
    asked = _asked()
    tables = [
        ("resource", "Resource", figures.by_resource(asked)),
        ("source", "Mailing", figures.by_source(asked, mailings=True)),
        ("source", "Source other than a mailing", figures.by_source(asked, mailings=False)),
        ("organization", "Organization of those who are known", figures.by_organization(asked)),
    ]
    values = {"asked": asked, "total": figures.total(asked), "tables": tables, "periods": figures.PERIODS}
    return render_template("resources/staff/downloads.html", **values, offered=figures.offered(), wanted=_wanted())


@bp.get("/people")
@requires("contacts.see")
def people() -> str:
    """List the people behind the downloads, as far as they are known."""
    page = paginate(figures.people(_asked()), request.args.get("page", 1, type=int))
    values = {"page": page, "zone": current_user.zone, "wanted": _wanted(), "total": figures.total(_asked())}
    return render_template("resources/staff/people.html", **values)


@bp.post("/csv")
@requires("contacts.export")
def as_csv() -> Response:
    """Send the downloads as CSV."""
    _note("csv")
    return send_csv("downloads", export.lines(_asked()))


@bp.post("/xlsx")
@requires("contacts.export")
def as_xlsx() -> Response:
    """Send the downloads as a spreadsheet."""
    _note("xlsx")
    return sheets.send([export.sheet(_asked())], "downloads", current_user.zone)


@bp.get("/organizations")
@requires("resources.see")
def organizations() -> str:
    """List the organizations whose people read a resource."""
    values = {"found": proposing.listed(), "enough": proposing.ENOUGH}
    return render_template("resources/staff/proposals.html", **values)


@bp.post("/organizations/<int:reading_id>/accept")
@requires("organizations.edit")
def accept(reading_id: int) -> AnyResponse:
    """Put the organization on record."""
    try:
        organization = proposing.accept(_proposal(reading_id))
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".organizations"))
    db.session.commit()
    flash(f"{organization.name} is on record. Add the influencer there whom you want to meet.", "success")
    return redirect(url_for(".organizations"))


@bp.post("/organizations/<int:reading_id>/dismiss")
@requires("organizations.edit")
def dismiss(reading_id: int) -> AnyResponse:
    """Let it not come back for the same readers."""
    try:
        proposing.dismiss(_proposal(reading_id))
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash("It is dismissed, until three more people read it.", "success")
    return redirect(url_for(".organizations"))


def _asked() -> Asked:
    args = request.values
    days = args.get("days", "")
    numbers = {name: row_number(args.get(name, "")) or None for name in ("resource", "source")}
    return Asked(
        numbers["resource"],
        days if days in figures.PERIODS else "",
        numbers["source"],
        args.get("organization", "")[:200],
    )


def _wanted() -> dict[str, str]:
    names = ("resource", "days", "source", "organization")
    return {name: value for name in names if (value := request.args.get(name, ""))}


def _note(form: str) -> None:
    audit.record("export", "download", form=[None, form], asked=[None, _wanted()])
    db.session.commit()


def _proposal(reading_id: int) -> ResourceProposal:
    return db.session.get(ResourceProposal, reading_id) or abort(404)
