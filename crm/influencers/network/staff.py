"""Pages of who knows whom, and of what is proposed."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.network import acquaintances, proposals, screens
from crm.influencers.network.forms import AcquaintanceForm, KnowForm
from crm.influencers.network.models import Acquaintance, InfluencerProposal

bp = Blueprint("network_staff", __name__, url_prefix="/staff/network")

Page = str | Response | tuple[str, int]


@bp.route("/people/<int:contact_id>")
@requires("influencers.see")
def show(contact_id: int) -> str:
    """Show who knows a contact, and the best ways there."""
    return render_template("influencers/network/person.html", **screens.of(screens.contact(contact_id)))


@bp.route("/people/<int:contact_id>", methods=["POST"])
@requires("influencers.edit")
def add(contact_id: int) -> Page:
    """Keep that somebody knows the contact."""
    contact, form = screens.contact(contact_id), KnowForm(prefix="know")
    if form.validate():
        try:
            acquaintances.add(contact, form.who(), form.facts(), current_user)
            db.session.commit()
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            flash(f"It is on record who knows {contact.name}.", "success")
            return redirect(screens.home(contact_id))
    return render_template("influencers/network/person.html", form=form, **screens.of(contact, form)), 422


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(number: int) -> Page:
    """Change how two know each other."""
    row = _acquaintance(number)
    form = AcquaintanceForm(obj=row)
    if form.saves(row, acquaintances.edit):
        db.session.commit()
        flash("Saved.", "success")
        return redirect(screens.home(row.contact_id))
    return render_template("influencers/network/edit.html", form=form, row=row, home=screens.home), form.status


@bp.route("/<int:number>/remove", methods=["POST"])
@requires("influencers.edit")
def remove(number: int) -> Response:
    """Remove it."""
    row = _acquaintance(number)
    acquaintances.remove(row)
    db.session.commit()
    flash(f"Removed: {row.knower.name} knows {row.contact.name}.", "success")
    return redirect(screens.home(row.contact_id))


@bp.route("/proposed")
@requires("influencers.see")
def proposed() -> str:
    """List proposed influencers and acquaintances."""
    return render_template(
        "influencers/network/proposed.html",
        people=proposals.waiting(current_user),
        acquaintances=acquaintances.proposed(current_user),
        acquaintance_kinds=acquaintances.KINDS,
        strengths=acquaintances.STRENGTHS,
    )


@bp.route("/proposed/<int:number>/accept", methods=["POST"])
@requires("influencers.edit")
def accept(number: int) -> Response:
    """Make the proposed contact an influencer."""
    proposal = _proposal(number)
    try:
        influencer = proposals.accept(proposal, current_user)
    except Refused as refusal:
        return _refused(refusal)
    db.session.commit()
    flash(f"{influencer.name} is an influencer now.", "success")
    return redirect(screens.home(proposal.contact_id))


@bp.route("/proposed/<int:number>/dismiss", methods=["POST"])
@requires("influencers.edit")
def dismiss(number: int) -> Response:
    """Take a proposed influencer off the list."""
    proposal = _proposal(number)
    try:
        proposals.dismiss(proposal, current_user)
    except Refused as refusal:
        return _refused(refusal)
    db.session.commit()
    flash(f"{proposal.contact.name} is off the list.", "success")
    return redirect(url_for(".proposed"))


@bp.route("/<int:number>/accept", methods=["POST"])
@requires("influencers.edit")
def accept_acquaintance(number: int) -> Response:
    """Let a proposed acquaintance count."""
    return _decided(_acquaintance(number), acquaintances.ACCEPTED)


@bp.route("/<int:number>/dismiss", methods=["POST"])
@requires("influencers.edit")
def dismiss_acquaintance(number: int) -> Response:
    """Take a proposed acquaintance off the list."""
    return _decided(_acquaintance(number), acquaintances.DISMISSED)


def _decided(row: Acquaintance, state: str) -> Response:
    try:
        acquaintances.decide(row, state)
    except Refused as refusal:
        return _refused(refusal)
    db.session.commit()
    flash(f"{state.capitalize()}: {row.knower.name} knows {row.contact.name}.", "success")
    return redirect(url_for(".proposed"))


def _refused(refusal: Refused) -> Response:
    db.session.rollback()
    flash(str(refusal), "error")
    return redirect(url_for(".proposed"))


def _acquaintance(number: int) -> Acquaintance:
    return acquaintances.find(number, current_user) or abort(404)


def _proposal(number: int) -> InfluencerProposal:
    return proposals.find(number, current_user) or abort(404)
