"""The days on which actions open and close, for the calendar."""

from flask import url_for
from sqlalchemy import or_, select

from crm.actions import opening
from crm.actions.models import Action
from crm.base.calendars import MOST, Entry, Window
from crm.extensions import db


def find(window: Window) -> list[Entry]:
    """Return the openings and closings in the window; they are everybody's."""
    columns = (Action.opens_at, Action.soft_closes_at, Action.closes_at)
    within = [(column >= window.since) & (column < window.until) for column in columns]
    query = select(Action).where(or_(*within)).order_by(Action.closes_at, Action.id).limit(MOST + 1)
    if window.campaign_id:
        query = query.where(Action.campaign_id == window.campaign_id)
    return [entry for action in db.session.scalars(query) for entry in _of(action, window)]


def _of(action: Action, window: Window) -> list[Entry]:
    moments = [
        ("opens", "Action opens", action.opens_at),
        ("soft", "Letter goes out", action.soft_closes_at),
        ("closes", "Action closes", action.closes_at),
    ]
    return [
        Entry(
            f"action-{action.id}-{word}",
            action.id,
            window.day_of(at),
            action.title(),
            what,
            url_for("actions_staff.show", action_id=action.id),
            version=action.version,
            changed_at=action.created_at,
            at=at,
            tone="draft" if opening.phase(action) == opening.DRAFT else "plain",
        )
        for word, what, at in moments
        if at is not None and window.since <= at < window.until
    ]
