"""Forms of the settings pages."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from crm.accounts.forms import known_zone, normal_address
from crm.base.forms import VersionedForm
from crm.base.locales import LANGUAGES
from crm.organizations.forms import sender_field
from crm.site.setup_form import LogoField


class CoalitionForm(VersionedForm):
    """Whose installation this is, and what stands at the foot of its mail."""

    name = StringField("Name of the coalition", [DataRequired("Enter the name."), Length(max=200)])
    purpose = TextAreaField("Purpose", [DataRequired("Say in a sentence or two what for."), Length(max=2000)])
    purpose_es = TextAreaField("Purpose in Spanish", [Length(max=2000)])
    purpose_ar = TextAreaField("Purpose in Arabic", [Length(max=2000)])
    zone = StringField("Time zone", [DataRequired("Choose a time zone."), known_zone])
    sender_name = sender_field("Sender’s name", DataRequired("Enter a sender."))
    sender_email = EmailField("Sender’s address", [InputRequired("Enter an address."), normal_address])
    postal_address = TextAreaField("Postal address", [DataRequired("Enter the address."), Length(max=500)])
    new_logo = LogoField("New logo")
    no_logo = BooleanField("Take the logo away")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.image: tuple[bytes, str] | None = None

    def validate_new_logo(self, field: LogoField) -> None:
        self.image = field.image()

    def values(self) -> dict[str, Any]:
        """Return what was typed; the logo only where it changes."""
        values = super().values()
        del values["new_logo"]
        if values.pop("no_logo") or self.image:
            values["logo"], values["logo_type"] = self.image or (None, None)
        return values


class TopicForm(VersionedForm):
    """The names of a topic, and who may choose it."""

    name_en = StringField("English name", [DataRequired("Enter a name."), Length(max=100)])
    name_es = StringField("Spanish name", [Length(max=100)])
    name_ar = StringField("Arabic name", [Length(max=100)])
    public = BooleanField("Visitors may choose it", default=True)
    default = BooleanField("It is the topic of those who choose none")


class WordingForm(FlaskForm):
    """A new consent wording."""

    language = SelectField("Language", choices=[SelectChoice(*item) for item in LANGUAGES.items()])
    text = TextAreaField("Wording", [DataRequired("Enter the wording."), Length(max=2000)])


class ReviewForm(FlaskForm):
    """Who stands for a wording."""

    reviewed_by = StringField("Reviewed by", [DataRequired("Enter the name of whoever has read it."), Length(max=200)])
