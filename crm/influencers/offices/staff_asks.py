"""The page of open asks to whom an office has ended."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Collision, Refused
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.offices import passing_on
from crm.influencers.offices.forms import DecisionForm
from crm.influencers.offices.models import Office

bp = Blueprint("office_asks_staff", __name__, url_prefix="/staff/influencers/offices/asks")

Page = str | Response | tuple[str, int]
SHOWN = 50
DONE = {
    passing_on.SUCCESSOR: "handed over to the new holder",
    passing_on.KEPT: "kept with the person",
    passing_on.LAPSED: "lapsed",
}


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """List them, with the office, who held it and who holds it now."""
    return _page(DecisionForm(formdata=None))


@bp.route("/", methods=["POST"])
@requires("influencers.edit")
def decide() -> Page:
    """Do with the asks that are ticked what was decided; what cannot be done is told, and waits on."""
    form, marks = DecisionForm(), list(dict.fromkeys(request.form.getlist("marks")))[:SHOWN]
    if not form.validate() or not marks:
        if not marks:
            form.refuse("", "Tick the asks that you decide about.")
        return _page(form, marks), 422
    done, left = 0, []
    for mark in marks:
        if fault := _decide(mark, form):
            left.append((mark, fault))
        else:
            done += 1
    if done:
        flash(f"{done} {'ask is' if done == 1 else 'asks are'} {DONE[form.decision.data]}.", "success")
    if not left:
        return redirect(url_for(".index", office=_office()))
    for fault in dict.fromkeys(fault for _, fault in left):
        form.refuse("", fault)
    return _page(form, [mark for mark, _ in left]), 409


def _decide(mark: str, form: DecisionForm) -> str:
    """Decide about one ask and commit, so that one fault holds up no other; return what hinders it, "" for nothing."""
    try:
        passing_on.decide(mark, form.decision.data, form.values()["reason"], current_user)
        db.session.commit()
    except (Refused, asks.Refused) as refusal:
        db.session.rollback()
        return str(refusal)
    except Collision:
        db.session.rollback()
        return "Somebody changed one of the asks after you opened the page. Look at it, and tick it again if it holds."
    return ""


def _page(form: DecisionForm, ticked: list[str] | None = None) -> str:
    office = db.session.get(Office, _office() or 0)
    of = office.id if office else None
    return render_template(
        "influencers/offices/asks.html",
        form=form,
        office=office,
        waiting=passing_on.find(current_user, of, limit=SHOWN),
        total=passing_on.count(current_user, of),
        ticked=ticked or [],
        ask_states=asks.STATES,
        today=clock.today(current_user.zone),
        shown=SHOWN,
    )


def _office() -> int | None:
    return row_number(request.args.get("office", "")) or None
