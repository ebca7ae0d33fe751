"""Saving a filter of the ledger, who sees it, and who may delete it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base import clock
from crm.base.changes import Refused
from crm.base.database import insert_into
from crm.extensions import db
from crm.influencers.ledger import FILTERS
from crm.influencers.saved_filters.models import SavedFilter


def save(user: User, name: str, wanted: Mapping[str, str], *, shared: bool) -> int:
    """Save what is wanted under that name, and return the id; raises Refused where the user has one of that name."""
    kept = {key: value for key, value in wanted.items() if key in FILTERS and value}
    if not kept:
        raise Refused("Choose at least one filter in the ledger first.", "")
    taken = Refused("You have a filter of that name already. Choose another name.", "name")
    same = select(SavedFilter.id).where(SavedFilter.user_id == user.id, func.lower(SavedFilter.name) == name.lower())
    if db.session.scalar(same) is not None:
        raise taken
    row = {"user_id": user.id, "name": name, "wanted": kept, "shared": shared, "created_at": clock.now()}
    statement = insert_into(SavedFilter).values(row).on_conflict_do_nothing().returning(SavedFilter.id)
    number = db.session.scalar(statement)
    if number is None:  # Sent twice at the same time.
        raise taken
    return number


def seen(user: User) -> Sequence[SavedFilter]:
    """Return the filters that the user saved, and what colleagues share, by name."""
    query = select(SavedFilter).join(SavedFilter.user).where(_seen(user)).options(joinedload(SavedFilter.user))
    return db.session.scalars(query.order_by(func.lower(SavedFilter.name), SavedFilter.id)).all()


def find(number: int, user: User) -> SavedFilter | None:
    """Return the filter of that id, where the user may delete it: the own one, or as an admin a colleague's."""
    query = select(SavedFilter).join(SavedFilter.user).where(SavedFilter.id == number, _seen(user))
    found = db.session.scalar(query)
    return found if found and may_delete(found, user) else None


def may_delete(saved: SavedFilter, user: User) -> bool:
    """Tell whether the user may delete a filter that the user sees."""
    return saved.user_id == user.id or user.role == "admin"


def delete(saved: SavedFilter) -> None:
    """Delete the filter; asks stay as they are."""
    db.session.delete(saved)


def _seen(user: User) -> ColumnElement[bool]:
    colleagues: ColumnElement[bool] = User.organization_id.is_not_distinct_from(user.organization_id)
    return or_(SavedFilter.user_id == user.id, SavedFilter.shared & colleagues)
