"""What people did follows them when two records of one person become one; of two signatures one stays."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, func, select, true

from crm.actions.models import Signature
from crm.actions.sign_on.models import FurtherSigner, SignOn
from crm.actions.submissions.models import Submission
from crm.base.registries import Merge
from crm.extensions import db


def merge() -> Merge:
    """Return how it follows: by its foreign key."""
    return Merge(
        seen=lambda _contact_id, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=lambda _kept, _gone: [],
        counts=_counts,
        follow=_follow,
    )


def _follow(kept: int, gone: int, _of_gone: Collection[str], _user: Any) -> None:
    """Let a signature that counts go before one that was withdrawn."""
    counted = select(Signature.action_id).where(Signature.contact_id == gone, Signature.withdrawn_at.is_(None))
    withdrawn = (Signature.contact_id == kept, Signature.withdrawn_at.is_not(None))
    db.session.execute(delete(Signature).where(*withdrawn, Signature.action_id.in_(counted)))


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    kinds = {"signatures": Signature.contact_id, "signatures for organizations": SignOn.contact_id}
    kinds["letters that others had signed for the organization"] = FurtherSigner.contact_id
    kinds["forms sent"] = Submission.contact_id
    return {label: select(func.count()).where(column == gone) for label, column in kinds.items()}
