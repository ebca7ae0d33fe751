"""What becomes of answers when two records become one: where both answered, staff choose; the rest is put together."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, func, select, true

from crm.base.registries import Choice, Merge
from crm.contacts.custom_fields import answers, questions
from crm.contacts.custom_fields.asking import PREFIX
from crm.contacts.custom_fields.models import CustomValue
from crm.extensions import db


def merge() -> Merge:
    """Return how answers follow; what `follow` leaves goes by the foreign key."""
    return Merge(
        seen=lambda _column, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=_choices,
        counts=_counts,
        follow=_follow,
    )


def _choices(kept: int, gone: int) -> list[Choice]:
    given = answers.of_all([kept, gone])
    mine, theirs = given.get(kept, {}), given.get(gone, {})
    asked = [field for field in questions.everything() if field.key in mine or field.key in theirs]
    return [
        Choice(PREFIX + field.key, field.label(), answers.as_text(field, mine), answers.as_text(field, theirs))
        for field in asked
    ]


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    return {"answers to questions of forms": select(func.count()).where(CustomValue.contact_id == gone)}


def _follow(kept: int, gone: int, of_gone: Collection[str], _user: Any) -> None:
    given_up = [field.id for field in questions.everything() if PREFIX + field.key in of_gone]
    theirs = select(CustomValue.field_id).where(CustomValue.contact_id == gone, CustomValue.field_id.in_(given_up))
    mine = delete(CustomValue).where(CustomValue.contact_id == kept, CustomValue.field_id.in_(theirs))
    db.session.execute(mine)
