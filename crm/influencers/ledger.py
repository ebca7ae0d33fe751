"""The ledger of asks: all of them, by category, state, owner, campaign and whether they are overdue."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.forms import row_number
from crm.base.words import searched
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer

FILTERS = ("q", "category", "state", "owner", "campaign", "lobbying", "payer", "bill", "overdue")
ME, NONE = "me", "none"
SEARCHED = (Ask.title, Ask.detail, Ask.bill, Contact.first_name, Contact.last_name, Contact.organization_name)
SORTS: dict[str, list[Any]] = {
    "due": [Ask.due_on],
    "title": [func.lower(Ask.title)],
    "influencer": [func.lower(Contact.last_name), func.lower(Contact.first_name)],
    "state": [Ask.state, Ask.due_on],
    "since": [Ask.state_since],
}


def find(
    wanted: Mapping[str, str], today: date, sort: str = "due", order: str = "asc", *, user: User | None = None
) -> Select[Ask]:
    """Return the select of asks that match (see `matching`), in that order, with what a list shows of each."""
    query = matching(wanted, today, user)
    if sort == "influencer" and not wanted.get("q"):
        query = query.join(Ask.influencer).join(Influencer.contact)
    columns = SORTS.get(sort, SORTS["due"])
    turned = [column.desc().nulls_last() if order == "desc" else column.asc().nulls_last() for column in columns]
    query = query.order_by(*turned, Ask.id)
    loaded = joinedload(Ask.influencer).joinedload(Influencer.contact)
    return query.options(loaded, joinedload(Ask.owner), joinedload(Ask.campaign))


def matching(wanted: Mapping[str, str], today: date, user: User | None = None) -> Select[Ask]:
    """Return the select of asks that match all that is wanted, and that the user sees.

    Overdue are open ones due before today.
    """
    query = select(Ask).where(access.asks(user))
    if wanted.get("q"):
        query = query.join(Ask.influencer).join(Influencer.contact)
    for word in searched(wanted.get("q", "")):
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    for name in ("category", "state"):
        if value := wanted.get(name):
            query = query.where(Ask.state.in_(OPEN) if value == "open" else getattr(Ask, name) == value)
    for name, column in (("owner", Ask.owner_id), ("campaign", Ask.campaign_id), ("payer", Ask.paid_by_id)):
        if value := wanted.get(name):
            query = query.where(column == _number(value, user))
    if wanted.get("overdue"):
        query = query.where(Ask.state.in_(OPEN), Ask.due_on < today)
    return query.where(*_lobbying(wanted))


def counts(user: User | None = None) -> dict[tuple[str, str], int]:
    """Return how many asks there are that the user sees, by (category, state)."""
    query = select(Ask.category, Ask.state, func.count()).where(access.asks(user)).group_by(Ask.category, Ask.state)
    return {(category, state): number for category, state, number in db.session.execute(query)}


def _lobbying(wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    conditions = []
    if value := wanted.get("lobbying"):
        conditions.append(Ask.lobbying == ("" if value == NONE else value))
    if value := wanted.get("bill"):
        conditions.append(Ask.bill.icontains(value, autoescape=True))
    return conditions


def _number(value: str, user: User | None) -> int:
    return user.id if value == ME and user is not None else row_number(value)
