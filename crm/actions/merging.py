"""What people did follows them when two records of one person become one; of two signatures one stays."""

from typing import Any

from sqlalchemy import func, select, true

from crm.actions.models import Signature
from crm.base.registries import Merge
from crm.extensions import db


def merge() -> Merge:
    """Return how it follows: all by its foreign key."""
    return Merge(
        seen=lambda _contact_id, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=lambda _kept, _gone: [],
        counts=_counts,
        follow=lambda _kept, _gone, _of_gone, _user: None,
    )


def _counts(gone: int, _user: Any) -> list[tuple[str, int]]:
    number = db.session.scalar(select(func.count()).select_from(Signature).where(Signature.contact_id == gone))
    return [("signatures", number or 0)]
