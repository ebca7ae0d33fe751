"""Pages of the cap: its settings, whom it leaves out of a mailing, and the mailings that go to all the same."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.capping import deciding, outcomes, telling
from crm.mailings.capping.forms import CapForm
from crm.mailings.models import Mailing

bp = Blueprint("capping_staff", __name__, url_prefix="/staff/mailings")

Page = str | Response | tuple[str, int]


@bp.route("/frequency-cap", methods=["GET", "POST"])
@requires("settings.edit")
def settings() -> Page:
    """Set how many mailings one contact gets at most."""
    cap = deciding.row() if request.method == "POST" else deciding.present()
    form = CapForm(obj=cap)
    if form.saves(cap, deciding.save):
        db.session.commit()
        flash("The frequency cap is saved. It holds for every mailing that is not on its way yet.", "success")
        return redirect(url_for(".settings"))
    return render_template("mailings/capping/settings.html", form=form), form.status


@bp.route("/<int:mailing_id>/left-out")
@requires("mailings.see")
def left_out(mailing_id: int) -> str:
    """List whom the cap leaves out of a mailing now, or has left out of one that went."""
    mailing, gone = db.get_or_404(Mailing, mailing_id), ""
    outcome = telling.after(mailing)
    try:
        query = outcomes.people(mailing) if mailing.messages else audience.capped(mailing)
        page = paginate(query, request.args.get("page", 1, type=int))
    except audience.AudienceGone as error:
        flash(str(error), "error")
        page = paginate(outcomes.people(mailing), 1)
    if outcome and outcome[0].left_out and not page.total:
        gone = f"They were {outcome[0].left_out:,}; this is so long ago that their names are no longer kept."
    values = {"mailing": mailing, "page": page, "outcome": outcome, "gone": gone}
    return render_template("mailings/capping/left_out.html", **values, cap=telling.before(mailing))


@bp.route("/<int:mailing_id>/to-all", methods=["POST"])
@requires("mailings.send")
def to_all(mailing_id: int) -> Response:
    """Let a mailing go to all the same, with a reason."""
    reason = request.form.get("reason", "")
    return _decide(mailing_id, lambda mailing: deciding.send_to_all(mailing, reason), "It goes to all the same.")


@bp.route("/<int:mailing_id>/under-cap", methods=["POST"])
@requires("mailings.send")
def under_cap(mailing_id: int) -> Response:
    """Put a mailing under the cap again."""
    return _decide(mailing_id, deciding.put_under_again, "The frequency cap holds for it again.")


def _decide(mailing_id: int, decide: Callable[[Mailing], None], done: str) -> Response:
    mailing = db.get_or_404(Mailing, mailing_id)
    try:
        decide(mailing)
    except Refused as refused:
        db.session.rollback()
        flash(str(refused), "error")
    else:
        db.session.commit()
        flash(done)
    return redirect(url_for("mailings_staff.review", mailing_id=mailing_id))
