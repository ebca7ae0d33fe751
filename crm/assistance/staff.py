"""Where staff see to requests for technical assistance."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.assistance import handling
from crm.assistance.forms import HandlingForm
from crm.assistance.requesting import SUBJECTS
from crm.base import clock
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.extensions import db

bp = Blueprint("assistance_staff", __name__, url_prefix="/staff/assistance")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("assistance.see")
def index() -> str:
    """List the requests, the most urgent first."""
    state, mine = request.args.get("state", ""), bool(request.args.get("mine"))
    query = handling.listed(current_user, state, current_user.id if mine else None)
    page = paginate(query, request.args.get("page", 1, type=int))
    values = {"page": page, "state": state, "mine": mine, "states": handling.STATES, "subjects": SUBJECTS}
    return render_template("assistance/staff/index.html", **values, today=clock.today(current_user.zone))


@bp.route("/<int:assistance_id>", methods=["GET", "POST"])
@requires("assistance.edit")
def edit(assistance_id: int) -> Page:
    """See to a request."""
    row = handling.found(assistance_id, current_user) or abort(404)
    form = HandlingForm(obj=row)
    if form.saves(row, handling.save):
        db.session.commit()
        flash("The request is saved.", "success")
        return redirect(url_for(".index"))
    return render_template("assistance/staff/edit.html", form=form, row=row, subjects=SUBJECTS), form.status
