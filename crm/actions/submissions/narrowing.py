"""Which of what people sent is meant, as the address of a page says: by day, language, source, and by one answer."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, String, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from crm.actions.models import Action
from crm.actions.submissions.models import Submission
from crm.base.locales import LANGUAGES
from crm.contacts.custom_fields import questions
from crm.contacts.custom_fields.models import CustomField
from crm.contacts.days import LABEL, NO_SOURCE
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import coalition

# The shapes of answers that are text. A question may have been deleted, and another one of its name asked, since
# somebody answered: what has another shape is no answer to it.
SHAPES = {"number": r"-?[0-9]+(\.[0-9]+)?", "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}"}
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
OF_ALL = ("from", "until", "language", "source")
OF_ANSWER = ("question", "answer", "upto", "month", "given")
EACH = {"each": "person"}
"""What an address says that means of each person what they sent last."""


def asked(action: Action) -> list[CustomField]:
    """Return the questions that the form asks, in their order; of those that are gone nobody knows what was asked."""
    return [field for field in questions.everything() if field.key in action.questions]


def conditions(action: Action, wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Return the conditions that what was sent is meant."""
    found = _chosen(Submission, wanted)
    if wanted.get("each") == EACH["each"]:
        found.append(_last(wanted))
    field = question(action, wanted)
    return found if field is None else [*found, _answered(field, wanted)]


def question(action: Action, wanted: Mapping[str, str]) -> CustomField | None:
    """Return the question of which one answer is meant."""
    return next((field for field in asked(action) if field.key == wanted.get("question")), None)


def is_answer(field: CustomField, given: Any) -> bool:
    """Tell whether that is an answer to the question; the database asks the same of its JSON (`_answered`)."""
    if field.kind == "several":
        return isinstance(given, list) and bool(given)
    return isinstance(given, str) and re.fullmatch(SHAPES.get(field.kind, ".+"), given, re.DOTALL) is not None


def kept(wanted: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return what is asked for under these names, for the next address."""
    return {name: wanted[name] for name in names if wanted.get(name)}


def sources(action: Action) -> list[str]:
    """Return the labels of the sources that people came by."""
    query = select(LABEL).select_from(Submission).outerjoin(Source, Source.id == Submission.source_id)
    stands = (Submission.action_id == action.id, Submission.withdrawn_at.is_(None))
    return sorted(db.session.scalars(query.where(*stands).distinct()), key=str.casefold)


def unread(wanted: Mapping[str, str]) -> list[str]:
    """Return what of it cannot be understood, in words."""
    days = [wanted[name] for name in ("from", "until") if wanted.get(name) and _day(wanted, name) is None]
    return [f"“{text[:20]}” is no day. Write it like 2026-11-30." for text in days]


def _chosen(table: Any, wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    first, last = _day(wanted, "from"), _day(wanted, "until")
    found: list[ColumnElement[bool]] = []
    if first:
        found.append(table.at >= coalition.midnight(first))
    if last:
        found.append(table.at < coalition.midnight(last + timedelta(days=1)))
    if wanted.get("language") in LANGUAGES:
        found.append(table.language == wanted["language"])
    if label := wanted.get("source", ""):
        named = table.source_id.in_(select(Source.id).where(Source.label == label))
        found.append(or_(table.source_id.is_(None), named) if label == NO_SOURCE else named)
    return found


def _last(wanted: Mapping[str, str]) -> ColumnElement[bool]:
    later = aliased(Submission)
    same = (later.action_id == Submission.action_id, later.contact_id == Submission.contact_id)
    stands = (later.withdrawn_at.is_(None), later.at > Submission.at, *_chosen(later, wanted))
    return ~select(later.id).where(*same, *stands).exists()


def _answered(field: CustomField, wanted: Mapping[str, str]) -> ColumnElement[bool]:
    text, answer = func.coalesce(cast(Submission.answers[field.key], String), ""), wanted.get("answer", "")
    shape = r"^\[.+\]$" if field.kind == "several" else f'^"{SHAPES.get(field.kind, ".+")}"$'
    good = text.regexp_match(shape)
    if wanted.get("given") == "no":
        return ~good
    if answer and field.kind == "several":
        return good & text.contains(_written(answer), autoescape=True)
    if answer:
        return good & (text == _written(answer))
    if field.kind == "number" and (most := _number(wanted.get("upto", ""))) is not None:
        # Only of a number, whatever the order in which the database looks at conditions.
        number = case((good, cast(Submission.answers[field.key].as_string(), Float)))
        return func.coalesce(number <= most, False)
    if field.kind == "date" and MONTH.fullmatch(wanted.get("month", "")):
        return good & text.startswith(f'"{wanted["month"]}-')
    return good


def _written(answer: str) -> str:
    return json.dumps(answer, ensure_ascii=False)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,8})?", text) else None


def _day(wanted: Mapping[str, str], name: str) -> date | None:
    try:
        day = date.fromisoformat(wanted.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
