"""The page of growth, and who stands behind its numbers."""

from flask import Blueprint, abort, render_template, request

from crm.base.forms import row_number
from crm.base.guards import requires
from crm.extensions import db
from crm.organizations.models import Organization
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
    """List who did something by one source or member, by the lesser ones, by no known one or by any."""
    days, key, whose = _days(), request.args.get("did", ""), _whose()
    found = behind.page(key, whose, int(days), request.args.get("page", 1, type=int)) or abort(404)
    values = {"page": found, "days": days, "key": key, "whose": whose, "period": figures.PERIODS[days]}
    return render_template("site/growth/people.html", **values, named=_named(whose))


def _whose() -> figures.Whose:
    member = row_number(request.args.get("member", ""))
    others, unknown = (bool(request.args.get(name)) for name in ("others", "unknown"))
    return figures.Whose(request.args.get("source", ""), member, others, unknown)


def _named(whose: figures.Whose) -> str:
    if whose.member:
        return db.get_or_404(Organization, whose.member).name
    if whose.unknown:
        return "no known source"
    return whose.source or ("all other sources" if whose.others else "whatever source")


def _days() -> str:
    asked = request.args.get("days", figures.USUAL)
    return asked if asked in figures.PERIODS else figures.USUAL
