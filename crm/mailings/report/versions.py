"""What the versions of a mailing are called: the two that are compared, or the texts that a step has had."""

from crm.mailings.comparing.deciding import NAMES
from crm.mailings.models import Mailing


def key(variant: str) -> str:
    """Return by what a version is named in addresses."""
    return NAMES.get(variant, variant)


def labels(mailing: Mailing) -> dict[str, str]:
    """Return the names that people read, by those of addresses, in the order in which they were sent."""
    keys = dict.fromkeys(key(one.variant) for one in mailing.messages)
    return {one: one if one in NAMES.values() else f"Text {number}" for number, one in enumerate(keys, 1)}
