"""How the changes of influencers and asks read (see base.changes for how they are kept apart)."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.influencers import directory
from crm.influencers.access import SEEN_BY
from crm.influencers.asks import LOBBYING
from crm.influencers.models import AskChange, ProfileChange, StageChange

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
        return _organization(value)
    if field == "organization_id":
        return f"the coalition and {_organization(value)}"
    if field in PEOPLE:
        return directory.name("user", value) or "somebody who left"
    if field == "campaign_id":
        return directory.name("campaign", value) or "a campaign that is gone"
    if field == "committees":
        return ", ".join(f"{seat['name']} ({seat['role']})" for seat in value)
    return "yes" if value is True else "no" if value is False else str(value)


def _organization(number: int) -> str:
    return directory.name("organization", number) or "an organization that is gone"
