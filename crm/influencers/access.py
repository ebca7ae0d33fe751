"""Who of the staff sees which influencers, asks, interactions, notes and acquaintances.

Members of a coalition work together, and compete for the same funders. Each function returns a
condition for queries. `user` is who looks; None is the program itself, which sees all.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, or_, true

from crm.accounts.models import User
from crm.influencers.models import Ask, Influencer, Interaction, RestrictedNote
from crm.influencers.network.models import Acquaintance, InfluencerProposal

SEEN_BY = {"members": "All members of the coalition", "own": "Our own staff alone"}
OPENNESS = {
    "open": "Who, when and how, never the notes",
    "ask": "Only that they should ask the coordinator",
    "private": "Nothing",
}


def influencers(user: User | None) -> ColumnElement[bool]:
    """The staff of a member see what all share and their own; the coalition's own staff see all."""
    if user is None or user.organization_id is None:
        return true()
    return or_(Influencer.organization_id.is_(None), Influencer.organization_id == user.organization_id)


def seen(user: User, found: Iterable[Influencer]) -> list[Influencer]:
    """Return those of influencers found without asking who looks whom the user sees."""
    own = user.organization_id
    return [one for one in found if own is None or one.organization_id in (None, own)]


def may_hide(user: User, influencer: Influencer) -> bool:
    """Tell whether the user decides who sees the influencer: staff of the coalition, or of the member that keeps it."""
    return user.organization_id in (None, influencer.organization_id)


def asks(user: User | None) -> ColumnElement[bool]:
    """Of influencers that the user sees: what members may see, what the own staff ask, what one owns."""
    if user is None:
        return true()
    mine = or_(Ask.seen_by == "members", _own(Ask.organization_id, user), Ask.owner_id == user.id)
    return mine & Ask.influencer.has(influencers(user))


def interactions(user: User | None) -> ColumnElement[bool]:
    """Those whose day and kind the user may know: of the own staff, and open ones."""
    return true() if user is None else or_(own_interactions(user), Interaction.openness == "open")


def own_interactions(user: User | None) -> ColumnElement[bool]:
    """Those whose summary and next step the user may read: of the own staff alone."""
    return true() if user is None else _own(Interaction.organization_id, user)


def notes(user: User) -> ColumnElement[bool]:
    """Restricted notes that the user may read."""
    readers = _own(RestrictedNote.organization_id, user)
    if user.role != "admin":
        readers &= ~RestrictedNote.admins_only
    return or_(readers, RestrictedNote.user_id == user.id)


def acquaintances(user: User | None, of: Any = Acquaintance) -> ColumnElement[bool]:
    """Who knows whom, as entered by the own staff, and what others share; `of` may be an alias of the table."""
    return true() if user is None else or_(of.seen_by == "members", own_acquaintances(user, of))


def own_acquaintances(user: User | None, of: Any = Acquaintance) -> ColumnElement[bool]:
    """Those that the user may change, accept or remove: of the own staff alone."""
    return true() if user is None else _own(of.organization_id, user)


def proposals(user: User | None) -> ColumnElement[bool]:
    """Proposed influencers, seen by those who would see the influencer."""
    if user is None or user.organization_id is None:
        return true()
    own = InfluencerProposal.organization_id == user.organization_id
    return or_(InfluencerProposal.organization_id.is_(None), own)


def _own(organization_id: Any, user: User) -> ColumnElement[bool]:
    same: ColumnElement[bool] = organization_id.is_not_distinct_from(user.organization_id)
    return same
