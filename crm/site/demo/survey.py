"""A sample survey with answers, and a sign-up form that counts for a member: both ask a question of every kind."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from crm.actions.submissions.models import Submission
from crm.base.locales import LANGUAGES
from crm.contacts.custom_fields import kinds, questions
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.custom_fields.models import CustomField, CustomValue
from crm.contacts.models import Contact, SignUp, TimelineEntry
from crm.contacts.signup_forms import keeping
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from crm.site.demo.actions import published
from crm.site.demo.coalition import Stage

FILE = Path(__file__).with_name("survey.yaml")
ANSWERED = 84  # people
OPENED = 33  # days ago


def add(stage: Stage, active: Sequence[Contact], dice: random.Random) -> None:
    """Add the questions, the form with those who came by its member, and the survey with answers."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    asked = [_question(said) for said in written["questions"]]
    _form(stage, written["form"], asked, active)
    first = next((field for field in questions.in_use() if field.kind == "choice"), None)
    _survey(stage, written, [*([first] if first else []), *asked], active, dice)


def _question(said: Mapping[str, Any]) -> CustomField:
    texts = {
        f"{part}_{code}": said[code] if part == "label" else "" for part in ("label", "hint") for code in LANGUAGES
    }
    bounds = {name: said[name] for name in ("least", "most", "choices") if name in said}
    return questions.save(CustomField(kind=said["kind"]), {**texts, **bounds, "in_use": True})


def _form(stage: Stage, said: Mapping[str, Any], asked: Sequence[CustomField], active: Sequence[Contact]) -> None:
    member, name = stage.members[0], said["name"]
    if any(form.name == name for form in keeping.everything()):
        return
    values = {"name": name, "source": said["source"], "texts": said["texts"], "topics": [], "members": []}
    lines = [{"key": field.key, "required": field.kind == "several"} for field in asked]
    values |= {"questions": lines, "origins": [], "is_open": True, "counts_for_id": member.id}
    form = keeping.save(SignUpForm(), values)
    db.session.flush()
    for contact in active:
        if contact.source is not None and contact.source.organization_id == member.id and contact.confirmed_at:
            row = SignUp(contact_id=contact.id, form_digest=f"sample:{contact.id}", state="confirmed", mail="confirm")
            row.language, row.typed, row.topics, row.source_id = contact.language, {}, [], contact.source_id
            row.deed_kind, row.about_id, row.place = keeping.DEED, form.id, f"/signup/{form.slug}"
            row.created_at, row.confirmed_at = contact.created_at, contact.confirmed_at
            db.session.add(row)


def _survey(
    stage: Stage,
    written: Mapping[str, Any],
    asked: Sequence[CustomField],
    active: Sequence[Contact],
    dice: random.Random,
) -> None:
    action = published(stage, "form", written["survey"], opened=OPENED, closes=30)
    action.questions = [field.key for field in asked]
    db.session.add(action)
    db.session.flush()
    for contact in dice.sample(list(active), min(ANSWERED, len(active))):
        given = {field.key: _answer(stage, field, written, dice) for field in asked if dice.random() < 0.85}
        at = stage.now - timedelta(minutes=dice.randint(60, OPENED * 1440))
        row = Submission(action_id=action.id, contact_id=contact.id, answers=given, language=contact.language, at=at)
        row.source_id, row.new = contact.source_id, bool(contact.confirmed_at and contact.confirmed_at >= at)
        told = TimelineEntry(contact_id=contact.id, at=at, kind="action", title=f"Sent the form: {action.title()}")
        told.actor, told.url = "visitor", f"/actions/{action.slug}"
        # The first question has answers of its own in the sample data.
        values = [(field, given[field.key]) for field in asked[1:] if field.key in given]
        db.session.add_all([row, told, *(_value(contact, field, answer) for field, answer in values)])
    db.session.flush()


def _value(contact: Contact, field: CustomField, answer: Answer) -> CustomValue:
    return CustomValue(contact_id=contact.id, field_id=field.id, **kinds.columns(field, answer))


def _answer(stage: Stage, field: CustomField, written: Mapping[str, Any], dice: random.Random) -> Answer:
    keys = [choice["key"] for choice in field.choices]
    if field.kind == "several":
        return [key for key, chance in zip(keys, (0.8, 0.5, 0.4, 0.3), strict=False) if dice.random() < chance] or keys[
            :1
        ]
    exam = stage.today + timedelta(days=dice.randint(10, 150))
    said: dict[str, str] = {
        "choice": dice.choice(keys) if keys else "",
        "yes_no": "yes" if dice.random() < 0.3 else "no",
        "number": str(int(dice.triangular(0, 30, 8))),
        "date": exam.isoformat(),
        "zip": dice.choice(["02110", "02139", "48201", "55401"]),
        "text": dice.choice(written["professions"]),
        "long_text": dice.choice(written["helps"]),
    }
    return said[field.kind]
