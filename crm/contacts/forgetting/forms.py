"""The form that forgets a person."""

from flask_wtf import FlaskForm
from wtforms import Field, Form, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.contacts.forgetting.forgetting import REASONS, was_forgotten

WORD = "forget"
OFFERED = [SelectChoice(*item) for item in REASONS.items()]


def not_forgotten(form: Form, field: Field) -> None:
    """Validator: no address of somebody who asked to be forgotten."""
    if field.data and was_forgotten(field.data):
        raise ValidationError("The person with this address asked to be forgotten, and is not put on record again.")


class ForgetForm(FlaskForm):
    """How the person asked, and a word that nobody types by chance."""

    reason = RadioField("How did the person ask?", [DataRequired("Choose one.")], choices=OFFERED)
    word = StringField(f"Type the word {WORD}", [Length(max=40)])

    def validate_word(self, field: StringField) -> None:
        if (field.data or "").strip().lower() != WORD:
            raise ValidationError(f"Type the word {WORD}, so that nobody is forgotten by mistake.")
