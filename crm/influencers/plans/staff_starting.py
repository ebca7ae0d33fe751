"""Starting a plan with an influencer: choose it and the day, look at the tasks, make them."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock
from crm.base.changes import Refused
from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.plans import drafting, starting
from crm.influencers.plans.forms import PlanForm
from crm.influencers.plans.models import PlanTemplate
from crm.influencers.screens import find as find_influencer

bp = Blueprint("plans_staff", __name__, url_prefix="/staff/influencers")

Page = str | Response | tuple[str, int]


@bp.route("/<int:influencer_id>/plan", methods=["GET", "POST"])
@requires("influencers.edit")
def start(influencer_id: int) -> Page:
    """Show the tasks of a plan around a day, and make them once they were looked at."""
    influencer, templates = find_influencer(influencer_id) or abort(404), drafting.everything()
    form = PlanForm(influencer, templates, ask_id=request.args.get("ask", type=row_or_none))
    if form.validate_on_submit() and "again" not in request.form:
        return _make(influencer, form) if "make" in request.form else _show(influencer, form)
    return _choose(influencer, form)


def _make(influencer: Influencer, form: PlanForm) -> Page:
    version, chosen = _number(request.form.get("template_version", "")), _ticked()
    try:
        plan = starting.start(
            influencer=influencer, user=current_user, shown_version=version, chosen=chosen, **form.values()
        )
    except starting.Changed:
        db.session.rollback()
        return _show(influencer, form, "Somebody changed the plan template after you opened this page.")
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal.field, str(refusal))
        return _show(influencer, form)
    db.session.commit()
    flash(f"The plan {plan.name} is started.", "success")
    if form.ask_id.data:
        return redirect(url_for("asks_staff.show", ask_id=form.ask_id.data, _anchor="tasks"))
    return redirect(url_for("influencers_staff.show", influencer_id=influencer.id, _anchor="tasks"))


def _show(influencer: Influencer, form: PlanForm, notice: str = "") -> Page:
    """Show the tasks as they would be; once more, with what was ticked, where they could not be made."""
    template = db.session.get(PlanTemplate, form.template_id.data or 0)
    if template is None:
        form.refuse("template_id", "Choose a plan. Somebody may have removed this one; nothing was made.")
        return _choose(influencer, form)
    try:
        planned = starting.tasks_of(template, influencer, form.anchor_on.data, current_user)
    except Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return _choose(influencer, form)
    day = clock.today(current_user.zone)
    ticked = _ticked() if form.errors else {one.place for one in planned if one.due_on >= day}
    values = {"influencer": influencer, "form": form, "template": template, "notice": notice, "today": day}
    page = render_template("influencers/plans/preview.html", planned=planned, ticked=ticked, **values)
    return page, 422 if form.errors else 409 if notice else 200


def _choose(influencer: Influencer, form: PlanForm) -> Page:
    page = render_template("influencers/plans/start.html", form=form, influencer=influencer)
    return page, 422 if form.errors else 200


def _ticked() -> set[int]:
    return {_number(text) for text in request.form.getlist("step")}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1
