"""Finding influencers: by words, stage, owner, sector, state and the category of an open ask."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.base import clock
from crm.base.forms import row_number
from crm.base.words import searched
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.participants import taking_part
from crm.influencers.positions import stances

NOBODY = "none"
SEARCHED = (
    Contact.first_name,
    Contact.last_name,
    Contact.organization_name,
    Contact.email,
    Influencer.formal_name,
    Influencer.role,
    Influencer.body,
)
SCORES = ("influence", "interest")
FILTERS = ("q", "stage", "owner", "sector", "state", "category", *SCORES, "campaign", "position")
HIGH, LOW = (4, 5), (1, 2, 3)
SORTS: dict[str, list[Any]] = {
    "name": [func.lower(Contact.last_name), func.lower(Contact.first_name)],
    "organization": [func.lower(Contact.organization_name)],
    "stage": [Influencer.stage_since],
    "influence": [Influencer.influence],
    "interest": [Influencer.interest],
    "owner": [User.name],
}


def find(
    wanted: Mapping[str, str], sort: str = "name", order: str = "asc", *, user: User | None = None
) -> Select[Influencer]:
    """Return the select of influencers that match and that the user sees, with contact and owner loaded.

    Unknown words match nothing.
    """
    query = select(Influencer).join(Influencer.contact).outerjoin(User, User.id == Influencer.owner_id)
    query = query.where(*_conditions(wanted, user), access.influencers(user))
    columns = [_last_on(user)] if sort == "last" else SORTS.get(sort, SORTS["name"])
    turned = [column.desc().nulls_last() if order == "desc" else column.asc().nulls_last() for column in columns]
    query = query.order_by(*turned, *SORTS["name"], Influencer.id)
    return query.options(joinedload(Influencer.contact), joinedload(Influencer.owner))


def matching(wanted: Mapping[str, str], user: User | None) -> Select[int]:
    """Return the select of the ids of those who match and whom the user sees."""
    query = select(Influencer.id)
    if wanted.get("q"):
        query = query.join(Influencer.contact)
    return query.where(*_conditions(wanted, user), access.influencers(user))


def profiles(contact_ids: Collection[int], user: User | None) -> dict[int, int]:
    """Return the ids of the profiles of those contacts who are influencers and whom the user sees."""
    query = select(Influencer.contact_id, Influencer.id).where(Influencer.contact_id.in_(contact_ids))
    return {row.contact_id: row.id for row in db.session.execute(query.where(access.influencers(user)))}


def open_asks(influencers: Iterable[Influencer], user: User | None = None) -> dict[int, Ask]:
    """Return of each influencer, by id, the open ask that is due first and that the user sees, undated ones last."""
    query = select(Ask).where(Ask.influencer_id.in_([one.id for one in influencers]), Ask.state.in_(OPEN))
    found: dict[int, Ask] = {}
    for ask in db.session.scalars(query.where(access.asks(user)).order_by(Ask.due_on.asc().nulls_last(), Ask.id)):
        found.setdefault(ask.influencer_id, ask)
    return found


def states(user: User | None = None) -> list[str]:
    """Return the states that influencers are from whom the user sees."""
    query = select(Influencer.state).where(Influencer.state != "", access.influencers(user))
    query = query.distinct().order_by(Influencer.state)
    return list(db.session.scalars(query))


def find_all() -> list[Influencer]:
    """Return all influencers by id, with contact, owner and asks loaded."""
    query = select(Influencer).order_by(Influencer.id)
    query = query.options(joinedload(Influencer.contact), joinedload(Influencer.owner), selectinload(Influencer.asks))
    return list(db.session.scalars(query))


def rows() -> list[dict[str, Any]]:
    """Return what `crm influencer list` prints of each, by id."""
    return [
        {
            "id": influencer.id,
            "name": influencer.name,
            "organization": influencer.contact.organization_name,
            "stage": influencer.stage,
            "owner": influencer.owner.email if influencer.owner else None,
            "open_asks": sum(ask.state in OPEN for ask in influencer.asks),
        }
        for influencer in find_all()
    ]


def _last_on(user: User | None) -> ColumnElement[date | None]:
    # What is planned has not been, here as in the column that is shown.
    today = clock.today(user.zone if user else "UTC")
    return taking_part.last_day(Interaction.held_on <= today, access.interactions(user))


def _conditions(wanted: Mapping[str, str], user: User | None) -> list[ColumnElement[bool]]:
    conditions = [_matches(word) for word in searched(wanted.get("q", ""))]
    for name in ("stage", "sector", "state"):
        if value := wanted.get(name):
            conditions.append(getattr(Influencer, name) == ("" if value == NOBODY else value))
    conditions += [_scored(getattr(Influencer, name), wanted[name]) for name in SCORES if wanted.get(name)]
    if owner := wanted.get("owner"):
        conditions.append(_owned_by(owner))
    if category := wanted.get("category"):
        asked = select(Ask.influencer_id).where(Ask.category == category, Ask.state.in_(OPEN), access.asks(user))
        conditions.append(Influencer.id.in_(asked))
    if stance := wanted.get("position"):
        conditions.append(stances.holds(stance, row_number(wanted["campaign"]) if wanted.get("campaign") else None))
    return conditions


def _matches(word: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in SEARCHED))


def _owned_by(owner: str) -> ColumnElement[bool]:
    if owner == NOBODY:
        return Influencer.owner_id.is_(None)
    return Influencer.owner_id == row_number(owner)


def _scored(column: Any, wanted: str) -> ColumnElement[bool]:
    """Return the condition for a score from 1 to 5, `high`, `low`, or none given."""
    if wanted == NOBODY:
        return column.is_(None)
    return column.in_({"high": HIGH, "low": LOW}.get(wanted, (row_number(wanted),)))
