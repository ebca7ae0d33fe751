"""The form by which staff make a sign-up form."""

from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from crm.base.forms import Boxes, VersionedForm, row_or_none
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts import topics
from crm.contacts.custom_fields import questions
from crm.contacts.signup_forms import welcoming
from crm.contacts.signup_forms.keeping import TEXTS
from crm.contacts.signup_forms.models import SignUpForm
from crm.organizations import members

BLANK_LINES = 2
LABELS = {
    "heading": "Heading",
    "intro": "Introduction",
    "button": "Words of the button",
    "thanks": "Thanks, after the address is confirmed",
    "welcome_subject": "Subject of the welcome mail",
    "welcome_text": "Welcome mail",
}
LONG = {"intro": 3000, "thanks": 3000, "welcome_text": 6000}


class QuestionLine(Form):
    """One question of the form."""

    key = SelectField("Question", choices=lambda: [SelectChoice("", "None"), *_questions()])
    required = BooleanField("Must be answered")


def few_paragraphs(form: Form, field: TextAreaField) -> None:
    """Refuse a welcome mail of more paragraphs than a mail of ours holds."""
    number = len(welcoming.paragraphs(field.data or ""))
    if number > welcoming.MOST:
        raise ValidationError(
            f"These are {number} paragraphs. Write at most {welcoming.MOST}: join some, or leave some out."
        )


class FormForm(VersionedForm):
    """All of a sign-up form but its words of consent, which are reviewed apart; the texts are added below."""

    name = StringField("Name", [DataRequired("Give the form a name."), Length(max=200)], filters=[one_line])
    questions = FieldList(FormField(QuestionLine))
    topics = Boxes("Topics that the form offers")
    members = Boxes("Members whose consent the form asks for", coerce=int)
    source = StringField("Source", [Length(max=100)], filters=[one_line])
    counts_for_id = SelectField("Counts for member", coerce=row_or_none, validators=[Optional()])
    origins = TextAreaField("Sites that may show the form", [Length(max=5000)])
    is_open = BooleanField("The form is open")

    def __init__(self, row: SignUpForm) -> None:
        super().__init__(data=_data_of(row))
        self.topics.choices = [SelectChoice(topic.slug, topic.name()) for topic in topics.everything() if topic.public]
        self.members.choices = [SelectChoice(number, name) for number, name in members.names()]
        self.counts_for_id.choices = [
            SelectChoice("", "None"),
            *(SelectChoice(str(number), name) for number, name in members.names()),
        ]
        if not self.is_submitted():
            self.add_lines()

    def add_lines(self) -> None:
        """Show some more lines to choose questions in."""
        for _line in range(BLANK_LINES):
            self.questions.append_entry()

    def values(self) -> dict[str, Any]:
        """Return what was typed, as the columns of a form hold it."""
        typed = super().values()
        given = {code: {name: typed.pop(f"{name}_{code}") for name in TEXTS} for code in LANGUAGES}
        texts = {code: {name: text for name, text in each.items() if text} for code, each in given.items()}
        lines = {line["key"]: bool(line["required"]) for line in typed["questions"] if line["key"]}
        return {
            **typed,
            "texts": {code: each for code, each in texts.items() if each},
            "questions": [{"key": key, "required": required} for key, required in lines.items()],
            "origins": [line.strip() for line in typed["origins"].splitlines() if line.strip()],
        }

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Show lists and texts of somebody else too, where they were left alone here."""
        plain = {name: value for name, value in merged.items() if name not in ("texts", "questions", "origins")}
        super().show_again(version, plain)
        if "questions" in merged:
            self.questions.process(None, merged["questions"])
        if "origins" in merged:
            self.origins.data = "\n".join(merged["origins"])
        for code, texts in merged.get("texts", {}).items():
            for name, text in texts.items():
                self[f"{name}_{code}"].data = text

    def _shown(self, name: str, value: Any) -> str:
        if name == "questions":
            return ", ".join(one["key"] for one in value or []) or "nothing"
        if name == "texts":
            return ", ".join(LANGUAGES[code] for code in value or {}) or "nothing"
        if isinstance(value, list):
            return ", ".join(map(str, value)) or "nothing"
        return super()._shown(name, value)


for _name, _label in LABELS.items():
    for _code in LANGUAGES:
        _kind = TextAreaField if _name in LONG else StringField
        _checks = [Length(max=LONG.get(_name, 200)), *([few_paragraphs] if _name == "welcome_text" else [])]
        setattr(FormForm, f"{_name}_{_code}", _kind(_label, _checks))


def _data_of(row: SignUpForm) -> dict[str, Any]:
    if row.id is None:
        return {"is_open": True, "topics": [topic.slug for topic in topics.everything() if topic.public]}
    texts = {f"{name}_{code}": text for code, each in row.texts.items() for name, text in each.items()}
    lists = {"questions": row.questions, "topics": row.topics, "members": row.members}
    plain = {"name": row.name, "source": row.source, "is_open": row.is_open, "version": row.version}
    plain["counts_for_id"] = row.counts_for_id
    return {**texts, **lists, **plain, "origins": "\n".join(row.origins)}


def _questions() -> list[SelectChoice]:
    return [SelectChoice(field.key, field.label()) for field in questions.in_use()]
