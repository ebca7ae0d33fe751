"""When an action can be done: from its opening to its closing, told by wall clocks in its own zone."""

from sqlalchemy import ColumnElement, or_

from crm.actions.models import Action
from crm.base import clock

DRAFT, COMING, OPEN, CLOSED = "draft", "coming", "open", "closed"
WORDS = {DRAFT: "Draft", COMING: "Opens later", OPEN: "Open", CLOSED: "Closed"}
TONES = {DRAFT: "", COMING: "warn", OPEN: "live", CLOSED: "good"}


def phase(action: Action) -> str:
    """Return draft, coming, open or closed, as it is now."""
    now = clock.now()
    if action.state == DRAFT:
        return DRAFT
    if action.closes_at is not None and action.closes_at <= now:
        return CLOSED
    return COMING if action.opens_at is not None and action.opens_at > now else OPEN


def is_open() -> ColumnElement[bool]:
    """Return the condition of those that can be done now."""
    now = clock.now()
    begun = or_(Action.opens_at.is_(None), Action.opens_at <= now)
    return (Action.state == "published") & begun & or_(Action.closes_at.is_(None), Action.closes_at > now)


def is_coming() -> ColumnElement[bool]:
    """Return the condition of those that are published and open later."""
    return (Action.state == "published") & (Action.opens_at > clock.now())


def is_closed() -> ColumnElement[bool]:
    """Return the condition of those that could be done, and are over."""
    return (Action.state == "published") & (Action.closes_at <= clock.now())
