"""What becomes of the clicks of a person of whom there were two records.

No merge raises consent: they are kept by name only where the record that stays had agreed to it, and where the other
one has not taken it back.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, func, select, true

from crm.base.database import insert_into
from crm.base.registries import Choice, Merge
from crm.contacts.click_consent import agreeing
from crm.contacts.click_consent.models import ClickConsent
from crm.extensions import db
from crm.mailings.reading.models import PersonalClick

TABLES = frozenset({ClickConsent.__tablename__})


def merge() -> Merge:
    """Return how clicks follow."""
    return Merge(lambda _contact_id, _user: true(), _check, _choices, _counts, follow, TABLES)


def follow(kept: int, gone: int, _of_gone: Collection[str], _user: Any) -> None:
    """Add the clicks of the one that goes to those of the one that is kept, where both agreed."""
    if agreeing.refused(gone):
        db.session.execute(delete(ClickConsent).where(ClickConsent.contact_id == kept))
    elif db.session.get(ClickConsent, kept) is not None:
        for click in db.session.scalars(select(PersonalClick).where(PersonalClick.contact_id == gone)):
            _add(kept, click)
    # With the clicks, by their foreign key.
    db.session.execute(delete(ClickConsent).where(ClickConsent.contact_id == gone))
    db.session.expire_all()


def _add(contact_id: int, click: PersonalClick) -> None:
    row = {"contact_id": contact_id, "link_id": click.link_id, "clicks": click.clicks}
    statement = insert_into(PersonalClick).values(**row, first_at=click.first_at, last_at=click.last_at)
    both = {"clicks": PersonalClick.clicks + click.clicks}
    db.session.execute(statement.on_conflict_do_update(index_elements=["contact_id", "link_id"], set_=both))


def _check(_kept: int, _gone: int, _user: Any) -> None:
    """Nothing stands in the way."""


def _choices(_kept: int, _gone: int) -> list[Choice]:
    return []


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    return {"links followed": select(func.count()).where(PersonalClick.contact_id == gone)}
