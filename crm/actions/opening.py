"""When an action can be done: from its opening to its closing, told by wall clocks in its own zone."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_

from crm.actions.models import Action
from crm.base import clock, wall_clock
from crm.base.changes import Refused

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


def moment(wall: datetime | None, zone: str, field: str) -> datetime | None:
    """Return the moment (UTC) of a wall clock's time in the zone; raises Refused where no clock shows it."""
    if wall is None:
        return None
    try:
        return wall_clock.plan(wall.isoformat(), zone).moment
    except wall_clock.BadTime as error:
        raise Refused(str(error), field) from error


def on_the_wall(at: datetime | None, zone: str) -> datetime | None:
    """Return what a clock in that zone shows at the moment."""
    return at.astimezone(wall_clock.named(zone)).replace(tzinfo=None, fold=0) if at else None
