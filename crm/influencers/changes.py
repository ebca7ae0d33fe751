"""Two people at the same record: what changed meanwhile, and how both get their way."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm.accounts.models import User
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.influencers.models import Ask, AskChange, Influencer, ProfileChange, StageChange

Change = AskChange | ProfileChange | StageChange

LABELS = {
    "title": "What exactly",
    "owner_id": "Owner",
    "campaign_id": "Campaign",
    "due_on": "Due date",
    "evidence_url": "Evidence",
    "may_be_public": "May be public",
    "web_form": "Web form",
    "formal_name": "Full name",
    "imported_from": "Imported from",
    "first_name": "First name",
    "last_name": "Last name",
    "organization_name": "Organization",
}
PEOPLE = {"owner_id", "public_by_id"}


class Collision(Exception):
    """Somebody changed the record after it was opened here; `changes` are theirs, oldest first."""

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__("somebody else changed this meanwhile")
        self.changes = list(changes)


def lock(row: Influencer | Ask) -> None:
    """Read the row anew and keep others from changing it until the transaction ends."""
    db.session.flush()
    # Of this row alone: PostgreSQL locks none that an outer join may leave out, as the eager loading of a list does.
    db.session.refresh(row, with_for_update={"of": type(row)})


def apply(row: Any, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values on the row, and return what that changed: {field: [old, new]}, as JSON can hold it."""
    changed = {}
    for field, new in values.items():
        old = getattr(row, field)
        if plain(old) != plain(new):
            changed[field] = [plain(old), plain(new)]
            setattr(row, field, new)
    return changed


def plain(value: Any) -> Any:
    """Return the value as JSON holds it; equal amounts and nothing typed come out the same."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def untouched(typed: Mapping[str, Any], rows: Sequence[Any], theirs: Sequence[Change]) -> dict[str, Any]:
    """Return the present values of fields that they changed and whoever typed here did not touch.

    A field is read from the first of the rows that has it.
    """
    first_old: dict[str, Any] = {}
    for change in theirs:
        for field, (old, _new) in getattr(change, "changes", {}).items():
            first_old.setdefault(field, old)
    kept = [field for field, old in first_old.items() if field in typed and plain(typed[field]) == old]
    return {field: next(getattr(row, field) for row in rows if hasattr(row, field)) for field in kept}


def in_words(changes: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of each changed field, as a page shows it."""
    return [
        (LABELS.get(field, field.replace("_", " ").capitalize()), _shown(field, old), _shown(field, new))
        for field, (old, new) in changes.items()
    ]


def _shown(field: str, value: Any) -> str:
    if value in (None, "", []):
        return "nothing"
    if field in PEOPLE:
        user = db.session.get(User, value)
        return user.name if user else "somebody who left"
    if field == "campaign_id":
        campaign = db.session.get(Campaign, value)
        return campaign.name if campaign else "a campaign that is gone"
    if field == "committees":
        return ", ".join(f"{seat['name']} ({seat['role']})" for seat in value)
    return "yes" if value is True else "no" if value is False else str(value)
