"""The page where the yearly question is turned on."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.contacts.interest import asking
from crm.extensions import db

bp = Blueprint("interest_staff", __name__, url_prefix="/staff/people/interest")


@bp.route("/")
@requires("contacts.see")
def index() -> str:
    """Tell whom it concerns, and how it stands."""
    return render_template("contacts/interest/index.html", on=asking.is_on(), counts=asking.counts())


@bp.route("/", methods=["POST"])
@requires("settings.edit")
def turn() -> Response:
    """Begin or stop asking."""
    on = request.form.get("on") == "yes"
    asking.turn(on)
    db.session.commit()
    flash("People are asked from now on." if on else "Nobody is asked any more.")
    return redirect(url_for(".index"))
