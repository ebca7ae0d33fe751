"""What the review page shows beside the checks of words and audience: links, sender and tests."""

from typing import Any

from crm.mailings.checking import links, sender
from crm.mailings.models import Mailing
from crm.mailings.trials import sending


def values(mailing: Mailing) -> dict[str, Any]:
    """Return the values of the templates; `more_checks` forbid nothing."""
    found = [*links.look(mailing, links.of(mailing)), *sender.look(), sending.look(mailing)]
    return {"more_checks": found, "tests": sending.of(mailing), "links_due": links.is_due(mailing)}
