"""Sessions of staff: signed cookies, each with a row that ends it."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import session
from sqlalchemy import delete, select

from crm.accounts.models import StaffSession, User
from crm.base import clock
from crm.extensions import db

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
# The cookie is written again at most this often, so that pages opened side by side do not all write it.
REFRESH = timedelta(minutes=5)


def opened(user: User) -> dict[str, Any]:
    """Add the row of a new session, and return what its cookie must hold."""
    key = secrets.token_urlsafe(24)
    db.session.add(StaffSession(key_hash=_digest(key), user_id=user.id))
    return {"key": key, "seen": _now()}


def load(session_id: str) -> User | None:
    """Return the user of the present session, unless it ended, slept for 12 hours or is 7 days old."""
    user_id, _, version = session_id.partition(".")
    age = _now() - int(session.get("seen", 0))
    if not user_id.isdigit() or age > IDLE.total_seconds():
        return None
    query = select(User).join(StaffSession, StaffSession.user_id == User.id)
    query = query.where(User.id == int(user_id), StaffSession.key_hash == _digest(session.get("key", "")))
    user = db.session.scalar(query.where(StaffSession.created_at > clock.now() - LONGEST))
    if not user or not user.active or str(user.session_version) != version:
        return None
    if age > REFRESH.total_seconds():
        session["seen"] = _now()
    return user


def end_present() -> None:
    """End the session of the present browser, so that a copy of its cookie is worth nothing."""
    db.session.execute(delete(StaffSession).where(StaffSession.key_hash == _digest(session.get("key", ""))))
    session.clear()


def end_all(user: User) -> None:
    """End every session of a user, e.g. after a change of password or role."""
    user.session_version += 1
    db.session.execute(delete(StaffSession).where(StaffSession.user_id == user.id))


def end_everybody() -> int:
    """End every session there is; return how many."""
    return int(db.session.execute(delete(StaffSession)).rowcount)  # type: ignore[attr-defined]


def prune() -> None:
    """Drop the rows of sessions that are too old to be used."""
    db.session.execute(delete(StaffSession).where(StaffSession.created_at < clock.now() - LONGEST))


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _now() -> int:
    return int(clock.now().timestamp())
