"""The secret link to the calendar: signed, the user's own, and ended by a new one or by the user.

Who holds it sees what the user may see, as long as the account is open; nothing can be changed by it.
"""

from datetime import datetime

from flask import url_for
from sqlalchemy import update

from crm.accounts.models import User
from crm.base import audit, clock, signing
from crm.base.public_pages import public_url
from crm.extensions import db
from crm.mailings.calendar.models import CalendarFeed

PURPOSE = "calendar_feed"
PERMISSION = "mailings.see"


def address_of(user: User, whose: str | None = None) -> str:
    """Return the user's present address, of everything or with whose=mine; "" where there is none."""
    found = db.session.get(CalendarFeed, user.id)
    if found is None or not found.open:
        return ""
    token = signing.sign(PURPOSE, f"{user.id}.{found.number}")
    return public_url(url_for("calendar_public.feed", token=token, whose=whose))


def owner(token: str) -> User | None:
    """Return whose present link it is; None where it has ended, or its user may see nothing (any more).

    Raises InvalidToken where it never was a link of ours.
    """
    user_id, _, number = signing.read(PURPOSE, token).partition(".")
    found = db.session.get(CalendarFeed, int(user_id))
    if found is None or not found.open or found.number != int(number):
        return None
    user = db.session.get_one(User, found.user_id)
    return user if user.may(PERMISSION) else None


def renew(user: User) -> None:
    """Give the user a link, which ends the one before."""
    found = db.session.get(CalendarFeed, user.id, with_for_update=True)
    number = int(clock.now().timestamp()) // 60
    if found is None:
        db.session.add(CalendarFeed(user_id=user.id, number=number, open=True, since=clock.now()))
    else:
        found.number, found.open, found.since = max(number, found.number + 1), True, clock.now()
    db.session.flush()
    audit.record("renew", "calendar_feed", user.id)


def end(user: User) -> bool:
    """End the user's link; False where there was none."""
    ended = update(CalendarFeed).where(CalendarFeed.user_id == user.id, CalendarFeed.open)
    done = bool(db.session.execute(ended.values(open=False)).rowcount)  # type: ignore[attr-defined]
    if done:
        audit.record("end", "calendar_feed", user.id)
    return done


def end_all(_made_at: datetime) -> int:
    """End every link, in a restored copy: it may have been ended since the backup was made; return how many."""
    ended = update(CalendarFeed).where(CalendarFeed.open).values(open=False)
    return int(db.session.execute(ended.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
