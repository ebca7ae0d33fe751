"""The walk from a person back to our staff and member organizations, over at most two others who know each other.

It goes backwards, because few know an influencer, and many know our staff. All of it is one statement. In its joins
`+ 0` says that acquaintances are looked up by those reached, and not the other way round, as SQLite would rather do.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.network.acquaintances import ACCEPTED, STRENGTHS
from crm.influencers.network.models import Acquaintance
from crm.organizations.models import Organization

# Two organizations may both have entered that somebody knows somebody: one way, in several rows.
SPARE = 4
NEVER = date(1, 1, 1)

Rows = tuple[int, ...]


@dataclass(frozen=True)
class Walk:
    """From whom it goes back to us, through what which user sees, and over which contacts it does not lead."""

    target: int
    user: User | None
    without: Collection[int]


def strongest(target: int, user: User | None, most: int, without: Collection[int]) -> list[Rows]:
    """Return the ids of the acquaintances of each of the best ways, from ours to the target, best first.

    They lead through what the user may see, and not over the contacts `without`. Where none of them begins with the
    user, the user's own best way is added.
    """
    found: dict[tuple[int | None, ...], Rows] = {}
    own: list[tuple[int | None, ...]] = []
    for row in sorted(db.session.execute(_best(Walk(target, user, without), most * SPARE)), key=_place):
        people = (row.user_id, row.organization_id, row.start_id, row.via_id)
        found.setdefault(people, tuple(number for number in (row.first_id, row.second_id, row.third_id) if number))
        own += [people] if user and row.user_id == user.id else []
    shown = list(found)[:most]
    return [found[people] for people in (shown if set(own) & set(shown) else [*shown, *own[:1]])]


def _place(row: Row[Any]) -> tuple[int, ...]:
    """Return by what ways are sorted, the best first."""
    return -row.weakest, row.steps, -row.total, -row.latest.toordinal(), row.first_id, row.second_id or 0


def _best(walk: Walk, most: int) -> CompoundSelect[Any]:
    """Return the query of the best ways, and of the user's own best one, in no order."""
    first = Acquaintance
    staff = first.knower_user_id.in_(select(User.id).where(User.active))
    member = first.knower_organization_id.in_(select(Organization.id).where(Organization.is_member))
    here = _here(walk.target)
    near = _beyond(here, walk).cte("near")
    close = union_all(select(*here.c), select(*near.c)).cte("close")
    parts = _ways(walk, near, close, or_(staff, member), most)
    if walk.user is not None:
        mine = aliased(Acquaintance)
        contacts = select(mine.contact_id).where(mine.knower_user_id == walk.user.id)
        parts += _ways(walk, near, close, first.knower_user_id == walk.user.id, 1, contacts)
    return union_all(*parts)


def _ways(
    walk: Walk, near: CTE, close: CTE, whose: ColumnElement[bool], most: int, contacts: Select[Any] | None = None
) -> list[Select[Any]]:
    """Return the queries of so many ways that begin with those, of up to two steps and of three.

    `contacts`: whom they know, where these are so few that it pays to look there first.
    """
    short = _from_ours(close, walk).where(whose).limit(most).cte()
    # Where there are as many short ones, a long one must be stronger than the last of them.
    least = select(case((func.count() < most, 0), else_=func.min(short.c.weakest))).select_from(short).scalar_subquery()
    far = _beyond(near, walk, least).offset(0).cte()  # By the offset it is walked once, whatever is looked up for it.
    long = _from_ours(far, walk).where(whose)
    if contacts is not None:
        long = long.where(far.c.contact_id.in_(contacts))
    return [select(short), select(long.limit(most).subquery())]


def _from_ours(reached: CTE, walk: Walk) -> Select[Any]:
    """Return the query of the ways from those reached to ours, the best first."""
    first = Acquaintance
    columns = {
        "weakest": _weaker(first.strength, reached.c.weakest),
        "steps": reached.c.steps,
        "total": first.strength + reached.c.total,
        "latest": _later(first.last_contact_on, reached.c.latest),
        "first_id": first.id,
        "second_id": reached.c.second_id,
        "third_id": reached.c.third_id,
        "user_id": first.knower_user_id,
        "organization_id": first.knower_organization_id,
        "start_id": first.contact_id,
        "via_id": reached.c.via_id,
    }
    shown: list[Any] = [column.label(name) for name, column in columns.items()]
    query = select(*shown).join_from(reached, first, first.contact_id == reached.c.contact_id + 0)
    # That nobody is a contact is said for the index: of somebody whom thousands know, it finds ours at once.
    query = query.where(
        first.state == ACCEPTED, first.knower_contact_id.is_(None), access.acquaintances(walk.user, first)
    )
    return query.order_by(
        columns["weakest"].desc(), "steps", columns["total"].desc(), columns["latest"].desc(), "first_id", "second_id"
    )


def _here(target: int) -> CTE:
    """Return where the walk begins: at the target, no step away."""
    nothing = cast(null(), Integer)
    return select(
        literal(target).label("contact_id"),
        nothing.label("via_id"),
        nothing.label("second_id"),
        nothing.label("third_id"),
        literal(0).label("steps"),
        literal(max(STRENGTHS)).label("weakest"),
        literal(0).label("total"),
        literal(NEVER, Date).label("latest"),
    ).cte("here")


def _beyond(reached: CTE, walk: Walk, least: Any = 0) -> CompoundSelect[Any]:
    """Return the contacts whom those reached know, either way round, with the way from there.

    Each step of it must be stronger than `least`.
    """
    parts = []
    for near, far in (("contact_id", "knower_contact_id"), ("knower_contact_id", "contact_id")):
        known: Any = aliased(Acquaintance)
        contact_id = getattr(known, far)
        part = select(
            contact_id.label("contact_id"),
            case((reached.c.steps == 1, reached.c.contact_id)).label("via_id"),
            known.id.label("second_id"),
            reached.c.second_id.label("third_id"),
            (reached.c.steps + 1).label("steps"),
            _weaker(known.strength, reached.c.weakest).label("weakest"),
            (known.strength + reached.c.total).label("total"),
            _later(known.last_contact_on, reached.c.latest).label("latest"),
        ).join_from(reached, known, getattr(known, near) == reached.c.contact_id + 0)
        usable = and_(known.state == ACCEPTED, access.acquaintances(walk.user, known))
        part = part.where(usable, contact_id.is_not(None), contact_id != walk.target)
        part = part.where(reached.c.weakest > least, known.strength > least)
        parts.append(part.where(contact_id.not_in(walk.without)) if walk.without else part)
    return union_all(*parts)


def _weaker(one: Any, other: Any) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _later(one: Any, other: Any) -> ColumnElement[date]:
    return case((one > other, one), else_=other)  # `other` too where the day of one is not known.
