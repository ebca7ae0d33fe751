"""Pages of the outbox: what waits and why, the rows behind the numbers, and uncertain copies."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base import audit
from crm.base.guards import requires
from crm.delivery import depths, pruned, rests
from crm.delivery.models import STATES, Message
from crm.extensions import db
from crm.mailings.scheduling import OutOfStep
from crm.mailings.sending_progress import MEANINGS
from crm.site.outbox import copies, standing, uncertain

bp = Blueprint("delivery_staff", __name__, url_prefix="/staff/delivery")


@bp.route("/")
@requires("delivery.see")
def index() -> str:
    """Show what waits, since when and why, and what mail servers answer."""
    return render_template("delivery/outbox.html", **standing.values())


@bp.route("/try-now", methods=["POST"])
@requires("delivery.edit")
def try_now() -> Response:
    """Let what rests try at once."""
    name = request.form.get("name", "")
    audit.record("try_now", "delivery_rest", reason=name)
    db.session.commit()
    rests.clear(db.engine, [name])
    flash("It is tried again now. Look again in a moment.")
    return redirect(url_for(".index"))


@bp.route("/copies/<state>")
@requires("delivery.see")
def copies_in(state: str) -> str:
    """List the copies in a state."""
    if state not in STATES:
        abort(404)
    page = copies.page(state, request.args.get("page", 1, type=int))
    values = {"page": page, "state": state, "labels": standing.LABELS, "meanings": MEANINGS, "most": depths.FEW}
    values["gone"] = pruned.told(pruned.number(state))
    return render_template("delivery/copies.html", **values)


@bp.route("/uncertain")
@requires("delivery.see")
def uncertain_copies() -> str:
    """List the copies of which nobody knows whether they arrived, by message."""
    return render_template("delivery/uncertain.html", doubts=uncertain.everything())


@bp.route("/uncertain/<int:message_id>/send", methods=["POST"])
@requires("delivery.edit")
def send_again(message_id: int) -> Response:
    """Send one copy again, or all of a message."""
    return _settle(message_id, uncertain.send_again, "Sent again: {}.")


@bp.route("/uncertain/<int:message_id>/accept", methods=["POST"])
@requires("delivery.edit")
def count_as_sent(message_id: int) -> Response:
    """Count one copy as sent, or all of a message."""
    return _settle(message_id, uncertain.count_as_sent, "Counted as sent: {}.")


def _settle(message_id: int, act: Callable[[int, int | None], int], done: str) -> Response:
    db.get_or_404(Message, message_id)
    delivery = request.form.get("delivery", type=int)
    if delivery is None and "delivery" in request.form:
        abort(400)  # One copy was meant, and not all of them.
    try:
        number = act(message_id, delivery)
    except OutOfStep as error:
        db.session.rollback()
        flash(str(error), "error")
        return redirect(url_for(".uncertain_copies"))
    db.session.commit()
    flash(
        done.format(f"{number:,} {'copy' if number == 1 else 'copies'}")
        if number
        else "Somebody has settled this already."
    )
    return redirect(url_for(".uncertain_copies"))
