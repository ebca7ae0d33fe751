"""The forms of a question, and of what one person answered."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from crm.base.forms import VersionedForm
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts.custom_fields import kinds
from crm.contacts.custom_fields.models import CustomField

BLANK_LINES = 3
BIGGEST = 2_000_000_000


class Figures(IntegerField):
    """A whole number that says how it is written where it was not understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Write a whole number in figures, for example 100.") from error
        if self.data is not None and abs(self.data) > BIGGEST:
            raise ValueError(f"Write a number up to {BIGGEST:,}.")


class ChoiceForm(Form):
    """One choice, in each language."""

    key = HiddenField()
    en = StringField("Choice", [Length(max=200)], filters=[one_line])
    es = StringField("In Spanish", [Length(max=200)], filters=[one_line])
    ar = StringField("In Arabic", [Length(max=200)], filters=[one_line])


class QuestionForm(VersionedForm):
    """What is asked, and how it may be answered."""

    label_en = StringField("Question", [DataRequired("Write the question."), Length(max=200)], filters=[one_line])
    label_es = StringField("Question in Spanish", [Length(max=200)], filters=[one_line])
    label_ar = StringField("Question in Arabic", [Length(max=200)], filters=[one_line])
    hint_en = TextAreaField("A word of help", [Length(max=500)])
    hint_es = TextAreaField("Help in Spanish", [Length(max=500)])
    hint_ar = TextAreaField("Help in Arabic", [Length(max=500)])
    choices = FieldList(FormField(ChoiceForm))
    least = Figures("Smallest number", [Optional()])
    most = Figures("Largest number", [Optional()])
    in_use = BooleanField("Forms may ask this question")

    def __init__(self, field: CustomField) -> None:
        super().__init__(data={"in_use": True} if field.id is None else data_of(field))
        if field.kind != "number":
            del self.least
            self.most.label.text = "Longest answer, in characters"
        if field.kind not in kinds.BOUNDED:
            del self.most
        if field.kind not in kinds.CHOOSING:
            del self.choices
        elif not self.is_submitted():
            self.add_lines()

    def add_lines(self) -> None:
        """Show some more lines to write choices into."""
        for _line in range(BLANK_LINES):
            self.choices.append_entry()

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Show the choices of somebody else too, where they were left alone here."""
        lines = merged.pop("choices", None)
        super().show_again(version, merged)
        if lines is not None:
            self.choices.process(None, [line for line in lines if not line.get("gone")])

    def _shown(self, name: str, value: Any) -> str:
        if name == "choices":
            return ", ".join(str(line["en"]) for line in value or [] if not line.get("gone"))
        if name in ("labels", "hints"):
            return " / ".join(str(text) for text in (value or {}).values()) or "nothing"
        return super()._shown(name, value)


def data_of(field: CustomField) -> dict[str, Any]:
    """Return what the form of a question is opened with: without the choices that are gone."""
    texts = [f"{part}_{code}" for part in ("label", "hint") for code in LANGUAGES]
    plain = {name: getattr(field, name) for name in (*texts, "least", "most", "in_use", "version")}
    return {**plain, "choices": field.offered()}


class AnswersForm(FlaskForm):
    """What one person answered, as staff know it; `was` carries the answers that the form was opened with."""

    was = HiddenField(validators=[Optional(), Length(max=100_000)])
