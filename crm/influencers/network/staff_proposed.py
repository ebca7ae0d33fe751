"""The list of proposed influencers and acquaintances: staff accept or dismiss them."""

from flask import abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.network import acquaintances, proposals, screens
from crm.influencers.network.models import Acquaintance, InfluencerProposal
from crm.influencers.network.staff import bp, found

__all__ = ["bp"]


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
        most=acquaintances.SHOWN,
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
    return _decided(found(number), acquaintances.ACCEPTED)


@bp.route("/<int:number>/dismiss", methods=["POST"])
@requires("influencers.edit")
def dismiss_acquaintance(number: int) -> Response:
    """Take a proposed acquaintance off the list."""
    return _decided(found(number), acquaintances.DISMISSED)


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


def _proposal(number: int) -> InfluencerProposal:
    return proposals.find(number, current_user) or abort(404)
