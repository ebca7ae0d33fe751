"""The campaigns of the coalition: what is in use, and who refers to them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.base import changes
from crm.base.changes import Refused
from crm.campaigns.models import Campaign
from crm.extensions import db


def everything() -> list[Campaign]:
    """Return all campaigns, those that began last first."""
    return list(db.session.scalars(select(Campaign).order_by(Campaign.starts_on.desc().nulls_last(), Campaign.name)))


def choices(blank: str) -> list[tuple[str, str]]:
    """Return the campaigns as choices of a form, after a blank one."""
    found = db.session.execute(select(Campaign.id, Campaign.name).order_by(Campaign.name))
    return [("", blank), *((str(campaign_id), name) for campaign_id, name in found)]


def save(campaign: Campaign, values: Mapping[str, Any], opened_on: int = 0) -> Campaign:
    """Set the values on a new campaign or one that there is, and return it; raises Refused, Collision."""
    if campaign.id is not None:
        changes.claim(campaign, "campaign", opened_on)
    same = select(Campaign.id).where(func.lower(Campaign.name) == values["name"].lower())
    if campaign.id is not None:
        same = same.where(Campaign.id != campaign.id)
    with db.session.no_autoflush:
        if db.session.scalar(same):
            raise Refused("There is a campaign of that name already. Choose another name.", "name")
    if values["starts_on"] and values["ends_on"] and values["ends_on"] < values["starts_on"]:
        raise Refused("A campaign cannot end before it starts.", "ends_on")
    changes.keep(campaign, "campaign", values)
    return campaign
