"""A sample sign-up form for a stand at a conference: a question, and two members that people may share with."""

import random
from collections.abc import Sequence
from typing import Any

from crm.contacts import wordings
from crm.contacts.custom_fields import kinds, questions
from crm.contacts.custom_fields.models import CustomField, CustomValue
from crm.contacts.member_consent import agreeing, words
from crm.contacts.models import Contact
from crm.contacts.signup_forms import keeping
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from crm.organizations.models import Organization
from crm.site.demo.coalition import NAME, Stage

ANSWERED = 90  # people
FIELDS_OF_WORK = (
    {"en": "Health care", "es": "Salud", "ar": "الرعاية الصحية"},
    {"en": "Engineering", "es": "Ingeniería", "ar": "الهندسة"},
    {"en": "Teaching", "es": "Enseñanza", "ar": "التعليم"},
    {"en": "Law and administration", "es": "Derecho y administración", "ar": "القانون والإدارة"},
    {"en": "Another field", "es": "Otro campo", "ar": "مجال آخر"},
)
TEXTS = {
    "en": {
        "heading": "Licensed abroad? Work here.",
        "intro": "Leave your address at our stand, and hear when there is something to do or to read.",
        "thanks": "Thank you for stopping by. The paper of the day is on its way to you.",
        "welcome_subject": "Good to have met you",
        "welcome_text": "Thank you for stopping by.\n\nWe write about once in two weeks, and only on what you chose.",
    },
    "es": {
        "heading": "¿Título extranjero? Trabaje aquí.",
        "intro": "Deje su dirección en nuestro puesto y le avisaremos cuando haya algo que hacer o leer.",
    },
    "ar": {"heading": "مؤهل من الخارج؟ العمل هنا ممكن.", "intro": "يُرجى ترك عنوان بريدك لدينا لتصلك أخبارنا."},
}


def add(stage: Stage, active: Sequence[Contact], dice: random.Random) -> None:
    """Add the question with answers, the words for two members, the form, and some who share with one of them."""
    field = _question()
    for contact in dice.sample(list(active), min(ANSWERED, len(active))):
        key = dice.choice(field.choices)["key"]
        db.session.add(CustomValue(contact_id=contact.id, field_id=field.id, **kinds.columns(field, key)))
    members = stage.members[:2]
    for member in members:
        _review(member)
    values: dict[str, Any] = {
        "texts": TEXTS,
        "questions": [{"key": field.key, "required": True}],
        "topics": [],
        "origins": [],
    }
    values |= {"members": [member.id for member in members], "source": "conference", "is_open": True}
    if not any(form.name == "Conference stand" for form in keeping.everything()):
        keeping.save(SignUpForm(), {"name": "Conference stand", **values})
    shown = words.live(wordings.FALLBACK, [member.id for member in members])
    for contact in dice.sample(list(active), min(24, len(active))):
        agreed = [(member, shown[member.id]) for member in members if member.id in shown and dice.random() < 0.6]
        agreeing.agree(contact, agreed, method="double_opt_in", place="/signup/conference-stand")


def _question() -> CustomField:
    texts = {f"{part}_{code}": "" for part in ("label", "hint") for code in ("en", "es", "ar")}
    labels = {"label_en": "Field of work", "label_es": "Campo de trabajo", "label_ar": "مجال العمل"}
    values = {**texts, **labels, "hint_en": "The one that fits best.", "in_use": True, "choices": FIELDS_OF_WORK}
    return questions.save(CustomField(kind="choice"), values)


def _review(member: Organization) -> None:
    purpose = words.purpose_of(member.id)
    for language, reviewer in (("en", "Alice Moreno"), ("es", "Lucía Ramírez"), ("ar", "Rania Haddad")):
        wording = wordings.draft(language, wordings.proposal(language, NAME, purpose), purpose)
        wordings.review(wording, reviewer)
        wordings.go_live(wording)
