"""What a filter of the ledger says, in words."""

from collections.abc import Mapping

from crm.accounts.models import User
from crm.base.forms import row_number
from crm.campaigns.models import Campaign
from crm.extensions import db
from crm.influencers.asks import CATEGORIES, LOBBYING, STATES
from crm.influencers.ledger import FILTERS, ME, NONE
from crm.organizations.models import Organization

LABELS = {
    "q": "Words",
    "category": "Brings",
    "state": "State",
    "owner": "Owner",
    "campaign": "Campaign",
    "lobbying": "Lobbying",
    "payer": "Paid by",
    "bill": "Bill",
}
CHOICES = {
    "category": CATEGORIES,
    "state": {**STATES, "open": "Open"},
    "lobbying": {**LOBBYING, NONE: "Not said"},
    "owner": {ME: "Me"},
}
NAMED = {"owner": User, "campaign": Campaign, "payer": Organization}


def of(wanted: Mapping[str, str]) -> str:
    """Return the filter in words, e.g. `Brings: Resources, State: Made, overdue`."""
    said = [f"{LABELS[name]}: {_value(name, wanted[name])}" for name in FILTERS if name in LABELS and wanted.get(name)]
    return ", ".join([*said, "overdue"] if wanted.get("overdue") else said)


def _value(name: str, value: str) -> str:
    if value in CHOICES.get(name, {}):
        return CHOICES[name][value]
    if name in NAMED:
        row = db.session.get(NAMED[name], row_number(value))
        return str(getattr(row, "name", "unknown"))
    return value
