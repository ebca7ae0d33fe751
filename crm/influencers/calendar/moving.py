"""Another due date for an ask, from the calendar."""

from sqlalchemy import select

from crm.accounts.models import User
from crm.base.calendars import Entry, Move, Moved, NotMoved
from crm.base.changes import Collision
from crm.base.forms import row_number
from crm.extensions import db
from crm.influencers import access, asks
from crm.influencers.calendar.entries import ask_entry
from crm.influencers.models import Ask


def get(ask_id: int, user: User) -> Entry | None:
    """Return the ask as the user sees it; None where it is not seen."""
    ask = _seen(ask_id, user)
    return ask_entry(ask, user) if ask else None


def move(ask_id: int, wanted: Move, user: User) -> Moved:
    """Let the ask be due on that day. Raises NotMoved where somebody else changed it meanwhile, or it cannot be."""
    ask = _seen(ask_id, user)
    if ask is None:
        raise NotMoved("This ask is gone.")
    if ask.state not in asks.OPEN:
        raise NotMoved(f"This ask is {asks.STATES[ask.state].lower()}; its day stays.", ask_entry(ask, user))
    if wanted.day is None:
        raise NotMoved("Choose the day on which the ask is due.", ask_entry(ask, user))
    was = ask.due_on
    try:
        asks.edit(ask, {"due_on": wanted.day}, user, row_number(wanted.seen))
    except Collision as collision:
        raise NotMoved(_meanwhile(ask, collision), ask_entry(ask, user)) from collision
    except asks.Refused as refusal:
        raise NotMoved(str(refusal), ask_entry(ask, user)) from refusal
    return Moved(ask_entry(ask, user), was)


def _seen(ask_id: int, user: User) -> Ask | None:
    return db.session.scalar(select(Ask).where(Ask.id == ask_id, access.asks(user)))


def _meanwhile(ask: Ask, collision: Collision) -> str:
    last = collision.changes[-1]
    who = last.user.name if last.user else "Somebody"
    day = f"{ask.due_on:%A, %B} {ask.due_on.day}, {ask.due_on.year}" if ask.due_on else ""
    now = f"it is due on {day} now" if day else "it has no due date now"
    return f"{who} changed this ask meanwhile: {now}. Your move was not made. Move it again if it still holds."
