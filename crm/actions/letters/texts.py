"""The texts that are suggested for letters and calls, and which of them a visitor begins with."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.actions.letters.models import SuggestedText
from crm.actions.models import Action
from crm.base import audit, changes, locales
from crm.extensions import db

THING = "suggested_text"


def of(action_id: int) -> Sequence[SuggestedText]:
    """Return all texts of an action, by language and in the order in which they were written."""
    query = select(SuggestedText).where(SuggestedText.action_id == action_id)
    return db.session.scalars(query.order_by(SuggestedText.kind.desc(), SuggestedText.language, SuggestedText.id)).all()


def for_visitors(action: Action, kind: str) -> Sequence[SuggestedText]:
    """Return the texts of that kind in the language that is being written, or else in English, or in any."""
    found = [one for one in of(action.id) if one.kind == kind]
    code = locales.best([one.language for one in found], locales.language())
    return [one for one in found if one.language == code]


def begun(texts: Sequence[SuggestedText]) -> SuggestedText | None:
    """Return the text to begin with: any, so that letters differ."""
    return random.choice(texts) if texts else None  # noqa: S311  Nothing depends on that it cannot be guessed.


def save(text: SuggestedText, values: Mapping[str, Any], opened_on: int = 0) -> SuggestedText:
    """Set the values on a new text or one that there is, and return it; raises Collision."""
    if text.id is not None:
        changes.claim(text, THING, opened_on)
    changes.keep(text, THING, values)
    return text


def delete(text: SuggestedText) -> None:
    """Suggest it no more; letters that began with it stay."""
    audit.record("delete", THING, text.id, subject=[text.subject, None])
    db.session.delete(text)
