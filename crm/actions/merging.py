"""What people did follows them when two records of one person become one; of two signatures one stays."""

from typing import Any

from sqlalchemy import Select, func, select, true

from crm.actions.models import Signature
from crm.actions.sign_on.models import SignOn
from crm.actions.submissions.models import Submission
from crm.base.registries import Merge


def merge() -> Merge:
    """Return how it follows: all by its foreign key."""
    return Merge(
        seen=lambda _contact_id, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=lambda _kept, _gone: [],
        counts=_counts,
        follow=lambda _kept, _gone, _of_gone, _user: None,
    )


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    kinds = {"signatures": Signature.contact_id, "signatures for organizations": SignOn.contact_id}
    kinds["forms sent"] = Submission.contact_id
    return {label: select(func.count()).where(column == gone) for label, column in kinds.items()}
