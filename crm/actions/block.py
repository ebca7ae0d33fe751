"""An action as a block of mailings and pages: what it is about, and the button that leads to it.

Whoever got the mailing is known on its page, and does it with one button.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from markupsafe import escape

from crm.actions import addresses, kinds, listing, opening
from crm.actions.models import Action
from crm.base import wall_clock
from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.contacts import known
from crm.extensions import db


def kind() -> BlockKind:
    """Return the kind of block that shows an action."""
    return BlockKind("Action", [BlockField("action", "Which", "choice", choices)], 85, say, opens)


def choices() -> list[tuple[str, str]]:
    """Return the actions that can be done now, then those that open later."""
    found = [(str(action.id), action.title()) for action in listing.open_now()]
    return found + [(str(action.id), f"{action.title()} ({_opening(action)})") for action in listing.coming()]


def opens(values: Mapping[str, Any]) -> datetime | None:
    """Return when the action opens that is still to come."""
    action = _chosen(values)
    return action.opens_at if action is not None and opening.phase(action) == opening.COMING else None


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return title, summary and button of the action; nothing where it cannot be done any more.

    One that opens later is told as it will be: a mailing is written before.
    """
    action = _chosen(values)
    if action is None or opening.phase(action) not in (opening.OPEN, opening.COMING):
        return []
    what, page = kinds.of(action), addresses.page(action)
    url = known.address(what.deed, action.id) if what.deed else known.credit_address(page, action.kind, action.id)
    summary = action.said("summaries", language)[0]
    button = "" if what.reports else action.said("buttons", language)[0]
    told = [{"kind": "heading", "text": action.title(language), "level": "2"}]
    if summary:
        told.append({"kind": "text", "html": f"<p>{escape(summary)}</p>"})
    return [*told, {"kind": "button", "text": button or gettext("Take action"), "url": url}]


def _chosen(values: Mapping[str, Any]) -> Action | None:
    return db.session.get(Action, row_number(str(values.get("action", ""))))


def _opening(action: Action) -> str:
    return f"opens {wall_clock.tell(action.opens_at, action.zone)}" if action.opens_at else ""
