"""Forms of the staff pages of contacts."""

import json
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.base import zones
from crm.base.forms import Boxes
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts import addresses, by_hand, topics
from crm.contacts.models import Contact, Topic

HOW = {
    by_hand.ASK: "Send a confirmation mail; the person becomes active by confirming",
    by_hand.GIVEN: "The person has agreed already, and I write down how",
    by_hand.NOTHING: "Only keep the person on record; no mail is sent",
}


def normal_address(form: Form, field: Any) -> None:
    """Validator: an e-mail address, put into its normal form."""
    try:
        field.data = addresses.normalize(field.data or "")
    except addresses.BadAddress as error:
        raise ValidationError(f"Enter an e-mail address like name@example.org. {error}") from error


class ProfileForm(FlaskForm):
    """What staff know of a person; `was` carries the values that the form was opened with."""

    first_name = StringField("First name", [Length(max=200)], filters=[one_line])
    last_name = StringField("Last name", [Length(max=200)], filters=[one_line])
    organization_name = StringField("Organization", [Length(max=200)], filters=[one_line])
    phone = StringField("Phone", [Length(max=32)], filters=[one_line])
    city = StringField("City", [Length(max=200)], filters=[one_line])
    state = StringField("State", [Length(max=32)], filters=[one_line])
    zip_code = StringField("ZIP code", [Length(max=32)], filters=[one_line])
    language = SelectField("Language", choices=[SelectChoice(*item) for item in LANGUAGES.items()], default="en")
    zone = SelectField(
        "Time zone",
        choices=lambda: [SelectChoice("", "That of the state on record"), *map(SelectChoice, zones.names())],
        default="",
    )
    was = HiddenField(validators=[Optional(), Length(max=4000)])

    def profile(self) -> dict[str, str]:
        """Return the values of the profile's fields."""
        return {name: self[name].data or "" for name in by_hand.PROFILE}

    def remember(self, contact: Contact) -> None:
        """Let the form carry what stands on record now."""
        self.was.data = json.dumps({name: getattr(contact, name) for name in by_hand.PROFILE})

    def remembered(self) -> dict[str, str]:
        """Return what stood on record when the form was opened."""
        try:
            found = json.loads(self.was.data or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class AddForm(ProfileForm):
    """Somebody new."""

    email = EmailField("E-mail", [Optional(), normal_address])
    how = RadioField("Subscription", choices=list(HOW.items()), default=by_hand.ASK)
    topics = Boxes("Topics")
    reason = TextAreaField("How and when the person agreed", [Length(max=2000)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topics.choices = [SelectChoice(topic.slug, topic.name()) for topic in topics.everything()]

    def validate_reason(self, field: TextAreaField) -> None:
        if self.how.data == by_hand.GIVEN and len((field.data or "").strip()) < 10:
            raise ValidationError("Write down how and when the person agreed, in a sentence.")


class UnsubscribeForm(FlaskForm):
    """Somebody asked to be unsubscribed."""

    topic = SelectField("From")
    reason = StringField("How the person asked", [DataRequired("Write down how the person asked."), Length(max=500)])

    def __init__(self, topics: list[Topic], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topic.choices = [SelectChoice("*", "All mail"), *(SelectChoice(t.slug, t.name()) for t in topics)]


class ReasonForm(FlaskForm):
    """A reason for what only staff may do."""

    why = StringField("Reason", [DataRequired("Write down the reason."), Length(max=500)], filters=[one_line])


class TagForm(FlaskForm):
    """One tag."""

    tag = StringField("Tag", [DataRequired("Enter a tag."), Length(max=200)], filters=[one_line])
