"""An action as a block of mailings and pages: what it is about, and the button that leads to it.

Whoever got the mailing is known on its page, and does it with one button.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import escape

from crm.actions import addresses, kinds, listing, opening
from crm.actions.models import Action
from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.base.public_pages import public_url
from crm.contacts import known
from crm.extensions import db


def kind() -> BlockKind:
    """Return the kind of block that shows an action."""
    return BlockKind("Action", [BlockField("action", "Which", "choice", choices)], 85, say)


def choices() -> list[tuple[str, str]]:
    """Return the actions that can be done now."""
    return [(str(action.id), action.title()) for action in listing.open_now()]


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return title, summary and button of the action; nothing where it cannot be done any more."""
    action = db.session.get(Action, row_number(str(values.get("action", ""))))
    if action is None or opening.phase(action) != opening.OPEN:
        return []
    deed = kinds.of(action).deed
    url = known.address(deed, action.id) if deed else public_url(addresses.page(action))
    summary, button = action.said("summaries", language)[0], action.said("buttons", language)[0]
    told = [{"kind": "heading", "text": action.title(language), "level": "2"}]
    if summary:
        told.append({"kind": "text", "html": f"<p>{escape(summary)}</p>"})
    return [*told, {"kind": "button", "text": button or gettext("Take action"), "url": url}]
