"""The form that forgets a person."""

from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.contacts.forgetting.forgetting import REASONS

WORD = "forget"
OFFERED = [SelectChoice(*item) for item in REASONS.items()]


class ForgetForm(FlaskForm):
    """How the person asked, and a word that nobody types by chance."""

    reason = RadioField("How did the person ask?", [DataRequired("Choose one.")], choices=OFFERED)
    word = StringField(f"Type the word {WORD}", [Length(max=40)])

    def validate_word(self, field: StringField) -> None:
        if (field.data or "").strip().lower() != WORD:
            raise ValidationError(f"Type the word {WORD}, so that nobody is forgotten by mistake.")
