"""Digests on the calendar: the days on which those that are live are to come."""

from datetime import datetime

from flask import url_for
from sqlalchemy import select

from crm.base import clock
from crm.base.calendars import MOST, Entry, Running, Window
from crm.extensions import db
from crm.mailings.digests import moments
from crm.mailings.digests.models import WEEKLY, Digest


def find(window: Window) -> list[Entry]:
    """Return the issues to come, at their hours; what was made of one before is a mailing. They are of no campaign."""
    if window.campaign_id:
        return []
    since = max(window.since, clock.now())
    issues = [(digest, at) for digest in _live(window) for at in moments.between(digest, since, window.until)]
    return [_issue(digest, at, window) for digest, at in issues[: MOST + 1]]


def running(window: Window) -> list[Running]:
    """Return the digests that are live in the window, since they were started last."""
    if window.campaign_id:
        return []
    found = []
    for digest in _live(window):
        since = window.day_of(digest.live_since) if digest.live_since else window.first
        if since <= window.last:
            what = f"Digest, every {'week' if digest.rhythm == WEEKLY else 'month'}"
            found.append(Running(digest.name, what, _page(digest), since))
    return found


def live() -> list[Digest]:
    """Return the digests that come by themselves."""
    query = select(Digest).where(Digest.state == "live")
    return list(db.session.scalars(query.order_by(Digest.name, Digest.id)))


def _live(window: Window) -> list[Digest]:
    """A user's own are those that the user started."""
    return [one for one in live() if not window.mine or one.starter_id == window.user.id]


def _issue(digest: Digest, at: datetime, window: Window) -> Entry:
    return Entry(
        f"digest-{digest.id}-{at:%Y%m%d}",
        digest.id,
        window.day_of(at),
        digest.name,
        "Digest expected, if anything is new",
        _page(digest),
        version=digest.version,
        changed_at=digest.due_from or digest.created_at,
        at=at,
        tone="draft",
    )


def _page(digest: Digest) -> str:
    return url_for("digests_staff.show", digest_id=digest.id)
