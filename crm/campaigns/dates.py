"""The days on which campaigns begin and end, for the calendar."""

from flask import url_for
from sqlalchemy import or_, select

from crm.base.calendars import MOST, Entry, Window
from crm.campaigns.models import Campaign
from crm.extensions import db


def find(window: Window) -> list[Entry]:
    """Return the beginnings and ends in the window; they are everybody's."""
    within = [column.between(window.first, window.last) for column in (Campaign.starts_on, Campaign.ends_on)]
    query = select(Campaign).where(or_(*within)).order_by(Campaign.starts_on, Campaign.id).limit(MOST + 1)
    if window.campaign_id:
        query = query.where(Campaign.id == window.campaign_id)
    found = [_of(campaign, window) for campaign in db.session.scalars(query)]
    return [entry for two in found for entry in two]


def _of(campaign: Campaign, window: Window) -> list[Entry]:
    editor = window.user.may("campaigns.edit")
    edit = url_for("campaigns_staff.edit", campaign_id=campaign.id) if editor else url_for("campaigns_staff.index")

    days = [("start", "begins", campaign.starts_on), ("end", "ends", campaign.ends_on)]
    return [
        Entry(
            f"campaign-{campaign.id}-{word}",
            campaign.id,
            day,
            campaign.name,
            f"Campaign {label}",
            edit,
            version=campaign.version,
            changed_at=campaign.created_at,
        )
        for word, label, day in days
        if day and window.first <= day <= window.last
    ]
