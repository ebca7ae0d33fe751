"""The questions that there are: made, changed, put in order, put away, deleted."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from crm.base import audit, changes, slugs
from crm.base.changes import Refused
from crm.base.locales import LANGUAGES
from crm.base.remembering import remembered
from crm.contacts import segments
from crm.contacts.custom_fields import kinds, never_asked
from crm.contacts.custom_fields.asking import PREFIX
from crm.contacts.custom_fields.models import CustomField, CustomValue
from crm.extensions import db

THING = "custom_field"
HAS_ANSWERED = "answered"  # A field of segments; what it is compared with is the key of a question.
MOST_FIELDS, MOST_CHOICES = 100, 100


@remembered
def everything() -> list[CustomField]:
    """Return all questions in their order, those that are put away too."""
    return list(db.session.scalars(select(CustomField).order_by(CustomField.position, CustomField.id)))


def in_use() -> list[CustomField]:
    """Return the questions that forms may ask, in their order."""
    return [field for field in everything() if field.in_use]


def by_key() -> dict[str, CustomField]:
    """Return all questions by their keys."""
    return {field.key: field for field in everything()}


def answered() -> dict[int, int]:
    """Return by question how many people have answered it."""
    query = select(CustomValue.field_id, func.count()).group_by(CustomValue.field_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def save(field: CustomField, values: Mapping[str, Any], opened_on: int = 0) -> CustomField:
    """Set the values on a new question or one that there is, and return it; raises Refused, Collision.

    The kind stands in the row, and stays. A choice without a key is a new one.
    """
    values = dict(values)
    _check_words(values)
    if field.id is None:
        if len(everything()) >= MOST_FIELDS:
            raise Refused(f"There are {MOST_FIELDS} questions. Delete one that is no longer needed.", "label_en")
        field.key = _free_key(values["label_en"], set(by_key()))
        field.choices = []
        field.position = 1 + max((one.position for one in everything()), default=0)
    else:
        changes.claim(field, THING, opened_on)
    if field.kind in kinds.CHOOSING:
        values["choices"] = _choices(field, values.get("choices", []))
    _check_bounds(field.kind, values)
    changes.keep(field, THING, values)
    return field


def move(field: CustomField, *, up: bool) -> None:
    """Let a question change places with its neighbor, and number all of them anew."""
    order = list(everything())
    at = order.index(field)
    to = min(max(0, at - 1 if up else at + 1), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    for position, each in enumerate(order):
        each.position = position


def remove(field: CustomField) -> int:
    """Delete a question with all answers, and return how many those were; raises Refused where a segment needs it."""
    needed = [*segments.naming(PREFIX + field.key), *segments.naming(HAS_ANSWERED, field.key)]
    if needed:
        names = ", ".join(sorted({f"“{segment.name}”" for segment in needed}))
        raise Refused(f"Segments ask for it, and could not be used without it: {names}. Take it out there first.", "")
    gone = db.session.execute(delete(CustomValue).where(CustomValue.field_id == field.id))
    number = int(gone.rowcount)  # type: ignore[attr-defined]
    audit.record("delete", THING, field.id, label=[field.label(), None], answers=[number, 0])
    db.session.delete(field)
    return number


def _free_key(words: str, taken: set[str]) -> str:
    return slugs.free(slugs.of(words, 40, join="_") or "answer", taken, join="_")


def _check_words(values: Mapping[str, Any]) -> None:
    for name in [f"{part}_{code}" for part in ("label", "hint") for code in LANGUAGES]:
        if never_asked.found([values.get(name) or ""]):
            raise Refused(never_asked.WHY, name)
    for choice in values.get("choices", []):
        if never_asked.found(choice.get(code) or "" for code in LANGUAGES):
            raise Refused(never_asked.WHY, "")


def _choices(field: CustomField, typed: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Return the choices as they are kept: what was chosen before and is no longer offered stays, as gone."""
    before = {choice["key"]: choice for choice in field.choices}
    kept: list[dict[str, Any]] = []
    for line in typed:
        words = {code: text for code in LANGUAGES if (text := " ".join((line.get(code) or "").split()))}
        if not words:
            continue
        if "en" not in words:
            raise Refused("Write each choice in English too: staff, files and other languages fall back on it.", "")
        if words["en"].casefold() in {choice["en"].casefold() for choice in kept}:
            raise Refused(f"“{words['en']}” stands here twice. Write it once.", "")
        key = line.get("key") if line.get("key") in before else ""
        key = key or _free_key(words["en"], set(before) | {choice["key"] for choice in kept})
        kept.append({"key": key, **words})
    if not 2 <= len(kept) <= MOST_CHOICES:
        raise Refused(f"Write at least two choices, and at most {MOST_CHOICES}.", "")
    left = [choice for key, choice in before.items() if key not in {one["key"] for one in kept}]
    chosen = _chosen(field) if left else ""
    return [*kept, *({**choice, "gone": True} for choice in left if f"|{choice['key']}|" in chosen)]


def _chosen(field: CustomField) -> str:
    """Return all keys that somebody has chosen, between strokes."""
    texts = db.session.scalars(select(CustomValue.text).where(CustomValue.field_id == field.id).distinct())
    return "|".join(["", *(text.strip("|") for text in texts), ""])


def _check_bounds(kind: str, values: Mapping[str, Any]) -> None:
    least, most = values.get("least"), values.get("most")
    if kind in kinds.LONGEST and most is not None and not 1 <= most <= kinds.LONGEST[kind]:
        raise Refused(f"Give a length from 1 to {kinds.LONGEST[kind]:,} characters.", "most")
    if least is not None and most is not None and least > most:
        raise Refused("The largest number is below the smallest one.", "most")
