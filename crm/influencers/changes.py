"""How the changes of influencers and asks read (see base.changes for how they are kept apart)."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.accounts.models import User
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.influencers.access import SEEN_BY
from crm.influencers.asks import LOBBYING
from crm.influencers.models import AskChange, ProfileChange, StageChange
from crm.organizations.models import Organization

Change = AskChange | ProfileChange | StageChange

LABELS = {
    "title": "What exactly",
    "owner_id": "Owner",
    "backup_owner_id": "Backup owner",
    "assistant_name": "Assistant",
    "assistant_contact": "Assistant’s contact",
    "noticed_on": "Notice given",
    "organization_id": "Seen by",
    "seen_by": "Who sees it",
    "campaign_id": "Campaign",
    "due_on": "Due date",
    "evidence_url": "Evidence",
    "evidence_file": "Evidence file",
    "mails_queued": "Mails queued about it",
    "paid_by_id": "Paid by",
    "cost": "Cost in US dollars",
    "may_be_public": "May be public",
    "web_form": "Web form",
    "formal_name": "Full name",
    "imported_from": "Imported from",
    "first_name": "First name",
    "last_name": "Last name",
    "organization_name": "Organization",
}
PEOPLE = {"owner_id", "backup_owner_id", "public_by_id"}


def in_words(changes: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of each changed field, as a page shows it."""
    return [
        (LABELS.get(field, field.replace("_", " ").capitalize()), _shown(field, old), _shown(field, new))
        for field, (old, new) in changes.items()
    ]


def _shown(field: str, value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    if field == "seen_by":
        return SEEN_BY.get(str(value), str(value))
    if field == "lobbying":
        return LOBBYING.get(str(value), str(value))
    if field == "paid_by_id":
        payer = db.session.get(Organization, value)
        return payer.name if payer else "an organization that is gone"
    if field == "organization_id":
        organization = db.session.get(Organization, value)
        return f"the coalition and {organization.name}" if organization else "an organization that is gone"
    if field in PEOPLE:
        user = db.session.get(User, value)
        return user.name if user else "somebody who left"
    if field == "campaign_id":
        campaign = db.session.get(Campaign, value)
        return campaign.name if campaign else "a campaign that is gone"
    if field == "committees":
        return ", ".join(f"{seat['name']} ({seat['role']})" for seat in value)
    return "yes" if value is True else "no" if value is False else str(value)
