"""The pages of bounces and complaints."""

from typing import TypeVar

from flask import Blueprint, abort, render_template, request

from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.contacts.models import Contact
from crm.delivery import pruned
from crm.delivery.bounces import collecting
from crm.delivery.bounces.models import Bounce
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.site import bounces

Row = TypeVar("Row", Mailing, Contact)
bp = Blueprint("bounces_staff", __name__, url_prefix="/staff/delivery/bounces")


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """Show what came back, perhaps of one class, of one mailing or of one person."""
    kind = request.args.get("kind")
    kind = kind if kind in bounces.LABELS else None
    scope = bounces.Scope(_asked(Mailing, "mailing"), _asked(Contact, "contact"))
    page = bounces.rows(kind, scope, request.args.get("page", 1, type=int))
    return render_template(
        "site/staff/bounces.html",
        page=page,
        kind=kind,
        scope=scope,
        counts=bounces.counts(scope),
        around=bounces.around(page.rows),
        words=bounces,
        mailbox=collecting.state(),
    )


@bp.route("/<int:bounce_id>")
@requires("mailings.see")
def show(bounce_id: int) -> str:
    """Show one of them, with what was kept of the report."""
    bounce = db.session.get(Bounce, bounce_id) or abort(404)
    values = {"bounce": bounce, "around": bounces.around([bounce]), "words": bounces}
    return render_template("site/staff/bounce.html", **values, gone=pruned.told(1) if bounce.message_id else None)


def _asked(model: type[Row], name: str) -> Row | None:
    number = request.args.get(name, type=row_or_none)
    return db.session.get(model, number) or abort(404) if number else None
