"""The page of growth, and who stands behind its numbers."""

from flask import Blueprint, abort, render_template, request

from crm.base.guards import requires
from crm.site.growth import behind, figures

bp = Blueprint("growth_staff", __name__, url_prefix="/staff/growth")


@bp.get("/")
@requires("dashboard.see")
def index() -> str:
    """Show what people did in the last days, by source and by member."""
    days = _days()
    values = {"growth": figures.of(int(days)), "days": days, "periods": figures.PERIODS}
    return render_template("site/growth/index.html", **values)


@bp.get("/people")
@requires("contacts.see")
def people() -> str:
    """List who did something by one source, as far as they are known."""
    days, key, source = _days(), request.args.get("did", ""), request.args.get("source", "")
    found = behind.page(key, source, int(days), request.args.get("page", 1, type=int)) or abort(404)
    values = {"page": found, "days": days, "key": key, "source": source, "period": figures.PERIODS[days]}
    return render_template("site/growth/people.html", **values)


def _days() -> str:
    asked = request.args.get("days", figures.USUAL)
    return asked if asked in figures.PERIODS else figures.USUAL
