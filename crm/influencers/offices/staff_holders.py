"""Pages of who holds an office: a new holder, and mending the days of one."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Collision, Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer
from crm.influencers.offices import holdings, passing_on, staffing
from crm.influencers.offices.forms import HolderForm, HoldingForm
from crm.influencers.offices.models import Holding, Office
from crm.influencers.offices.staff import found

bp = Blueprint("office_holders_staff", __name__, url_prefix="/staff/influencers/offices")

Page = str | Response | tuple[str, int]


@bp.route("/<int:office_id>/holder", methods=["GET", "POST"])
@requires("influencers.edit")
def new(office_id: int) -> Page:
    """Name a new holder, who takes over the office and not the history."""
    office, today = found(office_id), clock.today(current_user.zone)
    form, before, status = HolderForm(since=today), holdings.present(office, current_user), 200
    form.show(before, staffing.of(office))
    if form.validate_on_submit():
        try:
            holding = _take_over(office, form)
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
            status = 422
        except Collision as collision:
            before, status = collision.changes, 409
            form.note(before)
            form.refuse("who", _meanwhile(before))
        else:
            flash(f"{holding.influencer.name} holds {office.title} now.{_waiting(office)}", "success")
            return redirect(url_for("offices_staff.show", office_id=office.id))
    return render_template("influencers/offices/holder.html", form=form, office=office, before=before), status


@bp.route("/holders/<int:holding_id>", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(holding_id: int) -> Page:
    """Mend from when to when somebody holds an office, or say that it ended."""
    query = select(Holding).join(Holding.influencer).where(Holding.id == holding_id, access.influencers(current_user))
    holding, today = db.session.scalar(query) or abort(404), clock.today(current_user.zone)
    form = HoldingForm(holding, {name: words for name, words in holdings.ENDS.items() if _offered(name, holding)})
    if form.saves(holding, lambda row, values, version: holdings.correct(row, values, version, current_user, today)):
        db.session.commit()
        flash(f"Saved.{_waiting(holding.office)}", "success")
        return redirect(url_for("offices_staff.show", office_id=holding.office_id))
    return render_template("influencers/offices/holding.html", form=form, holding=holding), form.status


def _take_over(office: Office, form: HolderForm) -> Holding:
    values, today = form.values(), clock.today(current_user.zone)
    given = {name: values[name] for name in ("since", "term_ends_on", "ended")}
    influencer: Influencer = form.influencer()
    holding = holdings.take_over(office, influencer, current_user, shown=form.seen, today=today, **given)
    staffing.leave_all(office, values["leaving"] or [], values["since"])
    db.session.commit()
    return holding


def _meanwhile(before: list[Holding]) -> str:
    names = ", ".join(one.influencer.name for one in before) or "nobody"
    return f"Somebody changed this office meanwhile: {names} holds it now. Send it again if yours is right."


def _waiting(office: Office) -> str:
    number = passing_on.count(current_user, office.id)
    return f" Open asks to who held it before: {number}. They wait to be handed over." if number else ""


def _offered(name: str, holding: Holding) -> bool:
    return name in holdings.BY_HAND or name == holding.ended
