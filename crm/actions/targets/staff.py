"""Pages where staff say to whom an action goes, how it is paced, and hold targets back."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from crm.actions.letters import figures, pacing
from crm.actions.models import Action
from crm.actions.targets import channels, choosing, editing, linking, lists, recipients, representatives
from crm.actions.targets.forms import ChooseForm, ListForm, PaceForm, TargetForm
from crm.actions.targets.models import Target
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.contacts import district_table
from crm.extensions import db
from crm.influencers import access, finding
from crm.influencers.models import Ask, Influencer

bp = Blueprint("targets_staff", __name__, url_prefix="/staff/actions/<int:action_id>/targets")

Page = str | Response | tuple[str, int]


@bp.get("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List the targets with their channels and what each got."""
    return _page(found(action_id))


@bp.post("/list")
@requires("actions.edit")
def add_list(action_id: int) -> Page:
    """Add the targets of a list."""
    action, form = found(action_id), ListForm()
    if form.validate_on_submit():
        try:
            number = lists.add_list(action, form.text.data or "")
        except Refused as refusal:
            form.refuse("text", str(refusal))
        else:
            return _added(action, number)
    return _page(action, list_form=form), 422


@bp.post("/influencers")
@requires("actions.edit")
def add_influencers(action_id: int) -> Page:
    """Add influencers by name, committee or segment."""
    action, form = found(action_id), _choose_form()
    if form.validate_on_submit():
        try:
            number = lists.add_influencers(action, _chosen(form))
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            return _added(action, number)
    return _page(action, choose_form=form), 422


@bp.post("/pace")
@requires("actions.edit")
def pace(action_id: int) -> Page:
    """Say how many letters may reach one target in an hour."""
    action, form = found(action_id), PaceForm()
    if not form.validate_on_submit():
        return _page(action, pace_form=form), 422
    pacing.change(action, form.per_hour.data or 1)
    db.session.commit()
    flash(f"At most {form.per_hour.data} letters an hour reach each target from now on.", "success")
    return redirect(url_for(".index", action_id=action_id))


@bp.route("/<int:target_id>", methods=["GET", "POST"])
@requires("actions.edit")
def edit(action_id: int, target_id: int) -> Page:
    """Change what is known of a target."""
    action = found(action_id)
    target = _target(action, target_id)
    form = TargetForm(target, editing.asks(target, current_user), private=not _may_see(target))
    if form.saves(target, editing.save):
        db.session.commit()
        flash("Saved.", "success")
        return redirect(url_for(".index", action_id=action_id))
    values = {
        "name": recipients.named(target),
        "of_congress": target.influencer and channels.is_of_congress(target.influencer),
    }
    return render_template("actions/targets/edit.html", form=form, action=action, target=target, **values), form.status


@bp.post("/<int:target_id>/<do>")
@requires("actions.edit")
def hold(action_id: int, target_id: int, do: str) -> Response:
    """Pause a target, let it go on, take it off the list, or bring it back."""
    action = found(action_id)
    target = _target(action, target_id)
    doing = {"pause": pacing.pause, "resume": pacing.resume, "remove": pacing.remove, "restore": pacing.bring_back}
    if do not in doing:
        abort(404)
    doing[do](target)
    db.session.commit()
    said = {"pause": "is paused", "resume": "goes on", "remove": "is off the list", "restore": "is on the list again"}
    flash(f"{recipients.named(target)} {said[do]}.", "success")
    return redirect(url_for(".index", action_id=action_id))


def found(action_id: int) -> Action:
    """Return the action, where it is a letter or a call."""
    action = db.session.get(Action, action_id)
    if action is None or action.kind not in channels.ORDER:
        abort(404)
    return action


def _page(action: Action, **forms: object) -> str:
    query = select(Target).where(Target.action_id == action.id).order_by(Target.removed_at.is_not(None), Target.id)
    whom = joinedload(Target.influencer).joinedload(Influencer.contact)
    targets = db.session.scalars(query.options(whom, joinedload(Target.ask))).all()
    shown = [(one, recipients.of_target(one, action.kind)) for one in targets]
    seen = set(
        db.session.scalars(select(Ask.id).where(access.asks(current_user), Ask.id.in_({one.ask_id for one in targets})))
    )
    values: dict[str, Any] = {"list_form": ListForm(formdata=None), "choose_form": _choose_form(formdata=None)}
    values |= {"pace_form": PaceForm(formdata=None, per_hour=action.per_hour)} | forms
    values |= {"may_see": _may_see, "figures": figures.of(action.id), "of_gone": figures.of_gone(action.id)}
    values |= {"channels": channels, "settled": linking.is_settled, "seen_asks": seen}
    if action.whom == recipients.BY_ZIP:
        values |= {"on_record": representatives.everybody(action.chambers, action.organization_id)}
        values |= {"table_warning": district_table.warning()}
    return render_template("actions/targets/index.html", action=action, targets=shown, **values)


def _may_see(target: Target) -> bool:
    """Tell whether the user may know and use the mail address of the target: not of whom another member keeps."""
    return target.influencer is None or bool(access.seen(current_user, [target.influencer]))


def _choose_form(**given: object) -> ChooseForm:
    form = ChooseForm(**given)
    form.committee.choices = [("", "None"), *choosing.committees(current_user)]
    form.segment.choices = [("", "None"), *choosing.of_segments()]
    form.offers = finding.offers(current_user)
    return form


def _chosen(form: ChooseForm) -> list[Influencer]:
    chosen: list[Influencer] = []
    if form.who.data:
        chosen += choosing.by_name(form.who.data, current_user)
    if form.committee.data:
        chosen += choosing.by_committee(form.committee.data, current_user)
    if form.segment.data:
        chosen += choosing.by_segment(form.segment.data, current_user)
    if not chosen:
        raise Refused("Type a name, or choose a committee or segment with influencers in it.", "who")
    return chosen


def _added(action: Action, number: int) -> Response:
    db.session.commit()
    flash(f"{number} {'target is' if number == 1 else 'targets are'} new on the list.", "success")
    return redirect(url_for(".index", action_id=action.id))


def _target(action: Action, target_id: int) -> Target:
    query = select(Target).where(Target.id == target_id, Target.action_id == action.id)
    return db.session.scalar(query) or abort(404)
