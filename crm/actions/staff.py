"""Pages where staff list, write and publish actions."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.actions import addresses, figures, kinds, listing, offers, opening, saving
from crm.actions.models import Action
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.public_pages import public_url
from crm.campaigns import registry as campaigns
from crm.extensions import db
from crm.organizations import coalition

bp = Blueprint("actions_staff", __name__, url_prefix="/staff/actions")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("actions.see")
def index() -> str:
    """List the actions, the newest first."""
    page = paginate(listing.matching(request.args), request.args.get("page", 1, type=int))
    counts = kinds.counts(page.rows)
    values = {"kinds": dict(kinds.in_order()), "campaigns": campaigns.choices("Any campaign"), "counts": counts}
    return render_template("actions/staff/index.html", page=page, opening=opening, **values)


@bp.route("/new")
@requires("actions.edit")
def start() -> str:
    """Choose the kind of a new action."""
    return render_template("actions/staff/start.html", kinds=kinds.in_order())


@bp.route("/new/<kind>", methods=["GET", "POST"])
@requires("actions.edit")
def new(kind: str) -> Page:
    """Begin an action of that kind."""
    if kind not in kinds.kinds:
        abort(404)
    own = current_user.organization_id
    action = Action(kind=kind, zone=coalition.zone(), organization_id=own, options={}, goal_from=0)
    return _save(action, f"New {kinds.of(action).label.lower()}")


@bp.route("/<int:action_id>")
@requires("actions.see")
def show(action_id: int) -> str:
    """Show what came of an action, and its address."""
    action = _found(action_id)
    values = {"kind": kinds.of(action), "phase": opening.phase(action), "opening": opening}
    values |= {"url": public_url(addresses.page(action)), "figures": figures.of(action)}
    values |= {"count": kinds.count(action), "ask": offers.seen_ask(action, current_user)}
    return render_template("actions/staff/show.html", action=action, **values)


@bp.route("/<int:action_id>/edit", methods=["GET", "POST"])
@requires("actions.edit")
def edit(action_id: int) -> Page:
    """Change an action."""
    action = _found(action_id)
    return _save(action, action.title())


@bp.route("/<int:action_id>/publish", methods=["POST"])
@requires("actions.edit")
def publish(action_id: int) -> Response:
    """Let everybody see it, or nobody but the staff."""
    action = _found(action_id)
    try:
        if request.form.get("to") == "draft":
            saving.take_back(action)
            flash("It is a draft again: only the staff see it.", "success")
        else:
            saving.publish(action)
            flash("It is public now.", "success")
    except Refused as refusal:
        flash(str(refusal), "error")
    db.session.commit()
    return redirect(url_for(".show", action_id=action_id))


@bp.route("/<int:action_id>/close", methods=["POST"])
@requires("actions.edit")
def close(action_id: int) -> Response:
    """End it now."""
    saving.close(_found(action_id))
    db.session.commit()
    flash("It is closed. Its page tells the outcome now: write it under “Edit”.", "success")
    return redirect(url_for(".show", action_id=action_id))


@bp.route("/<int:action_id>/delete", methods=["POST"])
@requires("actions.edit")
def delete(action_id: int) -> Response:
    """Delete one that was never public."""
    try:
        saving.delete(_found(action_id))
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".show", action_id=action_id))
    db.session.commit()
    flash("The draft is deleted.", "success")
    return redirect(url_for(".index"))


def _found(action_id: int) -> Action:
    action: Action = db.session.get(Action, action_id) or abort(404)
    return action


def _save(action: Action, title: str) -> Page:
    kind = kinds.of(action)
    form = kind.form(action)
    offers.fill(form, action, current_user)
    if form.saves(action, saving.save):
        db.session.commit()
        flash("Saved." if action.published_at else "The draft is saved. Look at it, then publish it.", "success")
        return redirect(url_for(".show", action_id=action.id))
    cancel = url_for(".show", action_id=action.id) if action.id else url_for(".index")
    values = {"title": title, "kind": kind, "cancel": cancel}
    return render_template("actions/staff/edit.html", form=form, **values), form.status
