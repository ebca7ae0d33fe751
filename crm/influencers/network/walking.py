"""The walk from a person back to our staff and member organizations, over at most two others who know each other.

It goes backwards, because few know an influencer, and many know our staff. All of it is one statement.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    and_,
    case,
    cast,
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

# Most people can be reached by good acquaintances alone, and then the weak ones need not be walked.
GOOD, ANY = 4, 1
# Two organizations may both have entered that somebody knows somebody: one way, in several rows.
SPARE = 4
NEVER = date(1, 1, 1)

Rows = tuple[int, ...]


def strongest(target: int, user: User | None, most: int, without: Collection[int]) -> list[Rows]:
    """Return the ids of the acquaintances of each of the best ways, from ours to the target, best first.

    They lead through what the user may see, and not over the contacts `without`. Where none of them begins with the
    user, the user's own best way is added.
    """
    found = _distinct(_ways(target, user, GOOD, without), most)
    if len(found) < most:
        found = _distinct(_ways(target, user, ANY, without), most)
    if user is not None and not any(users_id == user.id for users_id, *_ in found):
        own = _ways(target, user, ANY, without).where(Acquaintance.knower_user_id == user.id)
        found |= _distinct(own, 1)
    return list(found.values())


def _distinct(query: Select[Any], most: int) -> dict[tuple[int | None, ...], Rows]:
    """Return the first ways that lead over different people, by these people: user, organization, contacts."""
    found: dict[tuple[int | None, ...], Rows] = {}
    for row in db.session.execute(query.limit(most * SPARE)).all():
        people = (row.user_id, row.organization_id, row.start_id, row.via_id)
        if len(found) < most:
            found.setdefault(people, tuple(number for number in (row.first_id, row.second_id, row.third_id) if number))
    return found


def _ways(target: int, user: User | None, least: int, without: Collection[int]) -> Select[Any]:
    """Return the query of all ways over acquaintances at least so strong, the best first."""
    here = _here(target)
    near = _beyond(here, 1, target, user, least, without).cte("near")
    far = _beyond(near, 2, target, user, least, without).cte("far")
    reached = union_all(*(select(*part.c) for part in (here, near, far))).subquery("reached")
    first = Acquaintance
    query = select(
        first.id.label("first_id"),
        first.knower_user_id.label("user_id"),
        first.knower_organization_id.label("organization_id"),
        first.contact_id.label("start_id"),
        reached.c.via_id,
        reached.c.second_id,
        reached.c.third_id,
    ).join_from(reached, first, first.contact_id == reached.c.contact_id)
    return query.where(_usable(first, user, least), _ours(first)).order_by(
        _weaker(first.strength, reached.c.weakest).desc(),
        reached.c.steps,
        (first.strength + reached.c.total).desc(),
        _later(first.last_contact_on, reached.c.latest).desc(),
        first.id,
        reached.c.second_id,
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


def _beyond(
    reached: CTE, steps: int, target: int, user: User | None, least: int, without: Collection[int]
) -> CompoundSelect[Any]:
    """Return the contacts whom those reached know, either way round, with the way from there."""
    parts = []
    for near, far in (("contact_id", "knower_contact_id"), ("knower_contact_id", "contact_id")):
        known: Any = aliased(Acquaintance)
        contact_id = getattr(known, far)
        part = select(
            contact_id.label("contact_id"),
            (reached.c.via_id if steps == 1 else reached.c.contact_id).label("via_id"),
            known.id.label("second_id"),
            reached.c.second_id.label("third_id"),
            literal(steps).label("steps"),
            _weaker(known.strength, reached.c.weakest).label("weakest"),
            (known.strength + reached.c.total).label("total"),
            _later(known.last_contact_on, reached.c.latest).label("latest"),
        ).join_from(reached, known, getattr(known, near) == reached.c.contact_id)
        part = part.where(_usable(known, user, least), contact_id.is_not(None), contact_id != target)
        parts.append(part.where(contact_id.not_in(without)) if without else part)
    return union_all(*parts)


def _usable(known: Any, user: User | None, least: int) -> ColumnElement[bool]:
    return and_(known.state == ACCEPTED, known.strength >= least, access.acquaintances(user, known))


def _ours(known: Any) -> ColumnElement[bool]:
    """Return the condition for what begins with a user who is still here, or with a member."""
    staff = known.knower_user_id.in_(select(User.id).where(User.active))
    member = known.knower_organization_id.in_(select(Organization.id).where(Organization.is_member))
    # Said once more for the index: of somebody whom thousands of contacts know, it finds those of ours at once.
    return and_(known.knower_contact_id.is_(None), or_(staff, member))


def _weaker(one: Any, other: Any) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _later(one: Any, other: Any) -> ColumnElement[date]:
    return case((one > other, one), else_=other)  # `other` too where the day of one is not known.
