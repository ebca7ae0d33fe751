"""Seeing to requests: who does, until when, which member was asked to help, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true, update
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.assistance.models import AssistanceRequest
from crm.base import audit, changes, clock
from crm.base.changes import Refused
from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.extensions import db

STATES = {"open": "Open", "referred": "Referred to a member", "closed": "Closed"}
LIVING = ("open", "referred")
THING = "assistance_request"


def seen_by(user: User) -> ColumnElement[bool]:
    """Return the condition of the requests that a user may read: of a member's staff those that it was asked to help.

    So the privacy page says it. The coalition's own staff see all.
    """
    if user.organization_id is None:
        return true()
    colleagues = select(User.id).where(User.organization_id == user.organization_id)
    return or_(AssistanceRequest.member_id == user.organization_id, AssistanceRequest.owner_id.in_(colleagues))


def found(number: int, user: User) -> AssistanceRequest | None:
    """Return the request of that id, where the user may read it."""
    return db.session.scalar(select(AssistanceRequest).where(AssistanceRequest.id == number, seen_by(user)))


def listed(user: User, state: str = "", owner_id: int | None = None) -> Select[Any]:
    """Return the query of the requests of a state ("": all that are not closed), the most urgent first."""
    query = select(AssistanceRequest).where(
        AssistanceRequest.state == state if state in STATES else AssistanceRequest.state.in_(LIVING), seen_by(user)
    )
    if owner_id is not None:
        query = query.where(AssistanceRequest.owner_id == owner_id)
    query = query.options(*(joinedload(one) for one in _shown_with()))
    return query.order_by(AssistanceRequest.due_on.asc().nulls_last(), AssistanceRequest.id)


def overdue(today: date, limit: int, user: User) -> tuple[Sequence[AssistanceRequest], int]:
    """Return the requests whose day has passed, the oldest first, and how many there are."""
    late = (AssistanceRequest.state.in_(LIVING), AssistanceRequest.due_on < today, seen_by(user))
    number = db.session.scalar(select(func.count()).select_from(AssistanceRequest).where(*late)) or 0
    return db.session.scalars(listed(user).where(*late).limit(limit)).all(), number


def waiting(user: User) -> int:
    """Return how many requests nobody has taken on."""
    mine = (AssistanceRequest.state == "open", AssistanceRequest.owner_id.is_(None), seen_by(user))
    return db.session.scalar(select(func.count()).select_from(AssistanceRequest).where(*mine)) or 0


def save(request: AssistanceRequest, values: Mapping[str, Any], opened_on: int) -> None:
    """Set what was typed; raises Refused, Collision."""
    changes.claim(request, THING, opened_on)
    if values["state"] == "referred" and values["member_id"] is None:
        raise Refused("Choose the member that it was referred to.", "member_id")
    if values["state"] == "closed" and not values["outcome"]:
        raise Refused("Say what came of it.", "outcome")
    changes.keep(request, THING, values)
    request.closed_at = (request.closed_at or clock.now()) if request.state == "closed" else None


def in_hand(user: User) -> int:
    """Return how many requests that are not closed the user has in hand."""
    return db.session.scalar(select(func.count()).select_from(listed(user, owner_id=user.id).subquery())) or 0


def hand_over(giver: User, taker: User, by: User) -> int:
    """Give the requests that are not closed to somebody else; returns how many."""
    ids = [one.id for one in db.session.scalars(listed(giver, owner_id=giver.id))]
    for number in ids:
        audit.record("edit", THING, number, owner_id=[giver.id, taker.id])
    mine = update(AssistanceRequest).where(AssistanceRequest.id.in_(ids))
    db.session.execute(mine.values(owner_id=taker.id, version=AssistanceRequest.version + 1))
    return len(ids)


def forget(contact_id: int) -> Iterable[Path]:
    """Take what came of the requests of somebody who is forgotten off the audit trail; no files are left."""
    mine = select(AssistanceRequest.id).where(AssistanceRequest.contact_id == contact_id)
    take_names_off_audit(THING, db.session.scalars(mine).all())
    return []


def _shown_with() -> tuple[Any, ...]:
    return AssistanceRequest.contact, AssistanceRequest.owner, AssistanceRequest.member
