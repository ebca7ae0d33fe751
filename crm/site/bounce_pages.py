"""The pages of bounces and complaints."""

from flask import Blueprint, abort, render_template, request

from crm.base.guards import requires
from crm.delivery.bounces.models import Bounce
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.site import bounces

bp = Blueprint("bounces_staff", __name__, url_prefix="/staff/bounces")


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """Show what came back in the last 30 days, perhaps of one class or of one mailing."""
    kind = request.args.get("kind")
    number = request.args.get("mailing", type=int)
    mailing = db.session.get(Mailing, number) or abort(404) if number else None
    kind = kind if kind in bounces.LABELS else None
    page = bounces.rows(kind, mailing, request.args.get("page", 1, type=int))
    return render_template(
        "site/staff/bounces.html",
        page=page,
        kind=kind,
        mailing=mailing,
        counts=bounces.counts(mailing),
        around=bounces.around(page.rows),
        words=bounces,
    )


@bp.route("/<int:bounce_id>")
@requires("mailings.see")
def show(bounce_id: int) -> str:
    """Show one of them, with what was kept of the report."""
    bounce = db.session.get(Bounce, bounce_id) or abort(404)
    return render_template("site/staff/bounce.html", bounce=bounce, around=bounces.around([bounce]), words=bounces)
