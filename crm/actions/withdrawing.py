"""Taking back what one did, by a signed link and a button."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from crm.actions import pages, signatures
from crm.actions.models import Signature
from crm.base.registries import Registry
from crm.extensions import db

withdrawables: Registry[Callable[[int], Mapping[str, Any] | None]] = Registry()
"""What people can take back, by its name in signed links: functions from its number to what its page needs.

That is the `action`, the `title` that asks, the words of the `button`, and `withdraw`, which does it; None where it is
gone.
"""


def find(what: str, number: int) -> dict[str, Any] | None:
    """Return what a signed link takes back, with the texts of the action; None where it is gone."""
    found = withdrawables[what](number) if what in withdrawables else None
    return dict(found) | {"told": pages.told(found["action"])} if found else None


def signature(number: int) -> Mapping[str, Any] | None:
    """Return what the page needs that takes a signature back."""
    row = db.session.get(Signature, number)
    if row is None:
        return None
    asked, button = _("Take your signature back?"), _("Take my signature back")
    return {"action": row.action, "title": asked, "button": button, "withdraw": lambda: signatures.withdraw(row)}
