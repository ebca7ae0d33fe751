"""Who takes part in interactions: the contact whom it is with, further contacts, and colleagues of who logged it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal, null, select, union_all

from crm.accounts.models import User
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants.models import InteractionContact, InteractionUser
from crm.influencers.participants.people import People, written

FIRST, BESIDE, STAFF = range(3)


@dataclass(frozen=True)
class Participant:
    """Somebody who takes part, as whoever looks may know: a colleague, or a contact and perhaps influencer."""

    name: str
    contact_id: int | None
    influencer_id: int | None


def settle(interaction: Interaction, people: People) -> dict[str, list[str]]:
    """Let these and no others take part beside the contact it is with; return the change, as text before and after."""
    db.session.flush()
    before = of(interaction)
    contacts = [one for one in people.contacts if one.id != interaction.contact_id]
    users = [one for one in people.users if one.id != interaction.user_id]
    now = People(contacts, users)
    _write(interaction, InteractionContact, "contact_id", [one.id for one in contacts])
    _write(interaction, InteractionUser, "user_id", [one.id for one in users])
    old, new = written(before), written(now)
    return {"participants": [old, new]} if sorted(old.split("\n")) != sorted(new.split("\n")) else {}


def unite(kept: int, gone: int) -> None:
    """Let nobody take part in an interaction beside oneself when these two contacts become one."""
    own = select(Interaction.id).where(Interaction.contact_id.in_((kept, gone)))
    double = InteractionContact.contact_id.in_((kept, gone)) & InteractionContact.interaction_id.in_(own)
    db.session.execute(delete(InteractionContact).where(double))


def of(interaction: Interaction) -> People:
    """Return who takes part beside the contact whom it is with; for those who may read the interaction."""
    contacts = select(Contact).join(InteractionContact).where(InteractionContact.interaction_id == interaction.id)
    users = select(User).join(InteractionUser).where(InteractionUser.interaction_id == interaction.id)
    return People(
        list(db.session.scalars(contacts.order_by(Contact.id))), list(db.session.scalars(users.order_by(User.id)))
    )


def contact_ids(interaction: Interaction) -> list[int]:
    """Return the ids of all contacts who take part, the one whom it is with first."""
    others = select(InteractionContact.contact_id).where(InteractionContact.interaction_id == interaction.id)
    return [interaction.contact_id, *db.session.scalars(others.order_by(InteractionContact.contact_id))]


def with_contact(contact_id: int) -> ColumnElement[bool]:
    """Return the condition for interactions in which the contact takes part."""
    beside = select(InteractionContact.interaction_id).where(InteractionContact.contact_id == contact_id)
    return Interaction.id.in_(
        select(Interaction.id).where(Interaction.contact_id == contact_id).union_all(beside).scalar_subquery()
    )


def last_days(*conditions: ColumnElement[bool]) -> tuple[Select[Any], Select[Any]]:
    """Return two selects of contact_id and last_on, the last day of the interactions that meet the conditions.

    The first is of the contacts whom they are with, the second of those who take part beside them. Apart, because each
    has an index of its own.
    """
    last_on: Any = func.max(Interaction.held_on).label("last_on")
    main: Select[Any] = select(Interaction.contact_id, last_on).where(*conditions)
    beside: Select[Any] = select(InteractionContact.contact_id, last_on)
    beside = beside.join(Interaction, Interaction.id == InteractionContact.interaction_id).where(*conditions)
    return main.group_by(Interaction.contact_id), beside.group_by(InteractionContact.contact_id)


def last_day(*conditions: ColumnElement[bool]) -> ColumnElement[date | None]:
    """Return, for a query of influencers, the last day of those interactions with each that meet the conditions.

    Of each kind the index gives the last one; max() would read them all.
    """
    main = select(Interaction.held_on).where(Interaction.contact_id == Influencer.contact_id, *conditions)
    beside = select(Interaction.held_on).join(InteractionContact, InteractionContact.interaction_id == Interaction.id)
    beside = beside.where(InteractionContact.contact_id == Influencer.contact_id, *conditions)
    last = [
        select(query.correlate(Influencer).order_by(Interaction.held_on.desc()).limit(1).subquery())
        for query in (main, beside)
    ]
    both = union_all(*last).subquery()
    day: ColumnElement[date | None] = select(func.max(both.c.held_on)).scalar_subquery()
    return day


def beside(contact_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the contact takes part in an interaction with somebody else that meets these."""
    query = select(InteractionContact.contact_id).where(InteractionContact.contact_id == contact_id)
    return query.join(Interaction, Interaction.id == InteractionContact.interaction_id).where(*conditions).exists()


def seen(found: Collection[Interaction], user: User | None) -> dict[int, list[Participant]]:
    """Return by interaction those who take part, as far as the user may know, in one query.

    Who wrote an interaction, and the own colleagues, know everybody whom they named; others are told of no influencer
    whom they do not see.
    """
    ids = [one.id for one in found]
    if not ids:
        return {}
    parts = [_contacts(FIRST, user), _contacts(BESIDE, user), _colleagues()]
    rows = db.session.execute(union_all(*(part.where(Interaction.id.in_(ids)) for part in parts)))
    named: dict[int, list[Participant]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.rank, row.number)):
        name = f"{row.first_name} {row.last_name}".strip() or row.email or "(no name)"
        named[row.id].append(Participant(name, row.number if row.rank < STAFF else None, row.influencer_id))
    return dict(named)


def _contacts(rank: int, user: User | None) -> Select[Any]:
    seen = access.influencers(user)
    columns: tuple[Any, ...] = (
        Interaction.id,
        literal(rank).label("rank"),
        Contact.id.label("number"),
        Contact.first_name,
        Contact.last_name,
        Contact.email,
        case((seen, Influencer.id), else_=null()).label("influencer_id"),
    )
    query = select(*columns).select_from(Interaction)
    if rank == BESIDE:
        query = query.join(InteractionContact, InteractionContact.interaction_id == Interaction.id)
        query = query.join(Contact, Contact.id == InteractionContact.contact_id)
    else:
        query = query.join(Contact, Contact.id == Interaction.contact_id)
    query = query.outerjoin(Influencer, Influencer.contact_id == Contact.id)
    return query.where(access.own_interactions(user) | Influencer.id.is_(None) | seen)


def _colleagues() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Interaction.id,
        literal(STAFF).label("rank"),
        User.id.label("number"),
        User.name.label("first_name"),
        literal("").label("last_name"),
        User.email,
        null().label("influencer_id"),
    )
    query = select(*columns).join(InteractionUser, InteractionUser.interaction_id == Interaction.id)
    return query.join(User, User.id == InteractionUser.user_id)


def _write(interaction: Interaction, table: Any, column: str, ids: list[int]) -> None:
    key = getattr(table, column)
    mine = table.interaction_id == interaction.id
    present = set(db.session.scalars(select(key).where(mine)))
    if gone := present - set(ids):
        db.session.execute(delete(table).where(mine, key.in_(gone)))
    if new := [number for number in ids if number not in present]:
        db.session.execute(insert(table), [{"interaction_id": interaction.id, column: number} for number in new])
