"""What the review page shows beside the checks of words and audience: links, defaults, sender and tests."""

from typing import Any

from crm.mailings.checking import defaults, links, sender
from crm.mailings.checking.check import Check, of_version_b
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.trials import sending


def values(mailing: Mailing) -> dict[str, Any]:
    """Return the values of the templates; `more_checks` forbid nothing."""
    found, due = [*_of(mailing), *sender.look()], links.is_due(mailing)
    if comparison := pairing.of(mailing):
        found += [of_version_b(one, comparison.other_id) for one in _of(comparison.other)]
        due = due or links.is_due(comparison.other)
    return {"more_checks": found, "tests": sending.of(mailing), "links_due": due}


def _of(mailing: Mailing) -> list[Check]:
    return [*links.look(mailing, links.of(mailing)), *defaults.look(mailing), sending.look(mailing)]
