"""Pages of campaigns."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.campaigns import registry
from crm.campaigns.forms import CampaignForm
from crm.campaigns.models import Campaign
from crm.extensions import db

bp = Blueprint("campaigns_staff", __name__, url_prefix="/staff/campaigns")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("campaigns.see")
def index() -> str:
    """List campaigns."""
    return render_template("campaigns/index.html", campaigns=registry.everything())


@bp.route("/new", methods=["GET", "POST"])
@requires("campaigns.edit")
def new() -> Page:
    """Begin a campaign."""
    return _save(Campaign(), CampaignForm(), "New campaign")


@bp.route("/<int:campaign_id>", methods=["GET", "POST"])
@requires("campaigns.edit")
def edit(campaign_id: int) -> Page:
    """Edit a campaign."""
    campaign = db.session.get(Campaign, campaign_id) or abort(404)
    return _save(campaign, CampaignForm(obj=campaign), campaign.name)


def _save(campaign: Campaign, form: CampaignForm, title: str) -> Page:
    if form.saves(campaign, registry.save):
        db.session.commit()
        flash(f"{campaign.name} is saved.", "success")
        return redirect(url_for(".index"))
    return render_template("campaigns/edit.html", form=form, title=title), form.status
