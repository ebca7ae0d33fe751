"""The form of the setup page."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DateField,
    EmailField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.accounts import passwords
from crm.accounts.forms import known_zone, normal_address
from crm.base import clock
from crm.base.forms import sensible_year
from crm.contacts import wordings
from crm.contacts.topics import PROPOSED
from crm.organizations.forms import sender_field
from crm.site import images
from crm.site.installation import Answers, Wording

NAME = "{name}"


class TopicForm(Form):
    """The names of one topic."""

    en = StringField("English", [Length(max=100)])
    es = StringField("Spanish", [Length(max=100)])
    ar = StringField("Arabic", [Length(max=100)])


class LogoField(FileField):
    """An image; its data becomes (bytes, media type), or None."""

    def image(self) -> tuple[bytes, str] | None:
        """Return the bytes and the media type, or None where no file was chosen; raises ValidationError."""
        upload = self.data
        if not upload or not upload.filename:
            return None
        upload.stream.seek(0)
        data = upload.stream.read(images.LARGEST + 1)
        try:
            return data, images.kind(data)
        except images.BadImage as error:
            raise ValidationError(str(error)) from error


class SetupForm(FlaskForm):
    """All that a new installation needs to know; the last part falls away where an admin exists."""

    code = StringField("Setup code", [Length(max=40)])

    name = StringField("Name of the coalition", [DataRequired("Enter the name."), Length(max=200)])
    purpose = TextAreaField("Purpose", [DataRequired("Say in a sentence or two what for."), Length(max=2000)])
    zone = StringField("Time zone", [DataRequired("Choose a time zone."), known_zone], default="America/New_York")
    logo = LogoField("Logo")

    sender_name = sender_field("Sender’s name", DataRequired("Enter a sender."))
    sender_email = EmailField("Sender’s address", [InputRequired("Enter an address."), normal_address])
    postal_address = TextAreaField("Postal address", [DataRequired("Enter the address."), Length(max=500)])

    topics = FieldList(FormField(TopicForm), min_entries=3, max_entries=3, default=PROPOSED)

    goal_title = StringField("What is counted", [DataRequired("Enter a word."), Length(max=200)], default="Supporters")
    goal_target = IntegerField(
        "How many", [InputRequired("Enter a number."), NumberRange(1, 10_000_000, "1 to 10,000,000.")], default=800
    )
    goal_start = DateField("From", [InputRequired("Enter a date."), sensible_year])
    goal_deadline = DateField("Until", [InputRequired("Enter a date."), sensible_year])

    consent_en = TextAreaField("English", [DataRequired("People must know what they agree to."), Length(max=2000)])
    consent_es = TextAreaField("Spanish", [Optional(), Length(max=2000)])
    consent_ar = TextAreaField("Arabic", [Optional(), Length(max=2000)])
    reviewer_es = StringField("Spanish reviewed by", [Length(max=200)])
    reviewer_ar = StringField("Arabic reviewed by", [Length(max=200)])

    admin_name = StringField("Your name", [DataRequired("Enter your name."), Length(max=200)])
    admin_email = EmailField("Your e-mail", [InputRequired("Enter your address."), normal_address])
    admin_password = PasswordField("Password", [InputRequired("Choose a password.")])

    def __init__(self, *, with_admin: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.image: tuple[bytes, str] | None = None
        if not with_admin:
            del self.admin_name, self.admin_email, self.admin_password
        if not self.is_submitted():
            self._suggest()

    def validate_logo(self, field: LogoField) -> None:
        self.image = field.image()

    def validate_topics(self, field: FieldList) -> None:
        if not any((entry.en.data or "").strip() for entry in field):
            field[0].en.errors = ["Name at least one topic in English."]
            raise ValidationError("Name at least one topic in English.")

    def validate_goal_deadline(self, field: DateField) -> None:
        if field.data and self.goal_start.data and field.data <= self.goal_start.data:
            raise ValidationError("The goal must end after it starts.")
        if field.data and field.data <= clock.today():
            raise ValidationError("The goal must end in the future.")

    def validate_admin_password(self, field: PasswordField) -> None:
        about = (self.admin_email.data or "", self.admin_name.data or "", self.name.data or "")
        if fault := passwords.fault(field.data or "", *about):
            raise ValidationError(fault)

    def answers(self) -> Answers:
        """Return what was answered; call it on a valid form."""
        admin = None
        if "admin_email" in self:
            admin = (self.admin_name.data, self.admin_email.data, self.admin_password.data)
        return Answers(
            name=self.name.data.strip(),
            purpose=self.purpose.data.strip(),
            zone=self.zone.data,
            sender_name=self.sender_name.data,
            sender_email=self.sender_email.data,
            postal_address=self.postal_address.data.strip(),
            topics=[entry.data for entry in self.topics if (entry.en.data or "").strip()],
            consent=self._consent(admin[0] if admin else ""),
            goal=(self.goal_title.data, self.goal_target.data, self.goal_start.data, self.goal_deadline.data),
            admin=admin,
            logo=self.image,
        )

    def _consent(self, admin_name: str) -> dict[str, Wording]:
        name = self.name.data.strip()
        texts = {"en": self.consent_en.data, "es": self.consent_es.data, "ar": self.consent_ar.data}
        reviewers = {"en": admin_name, "es": self.reviewer_es.data, "ar": self.reviewer_ar.data}
        return {
            language: Wording(text.strip().replace(NAME, name), (reviewers[language] or "").strip())
            for language, text in texts.items()
            if text and text.strip()
        }

    def _suggest(self) -> None:
        self.code.data = request.args.get("code", "")
        for language in ("en", "es", "ar"):
            self[f"consent_{language}"].data = wordings.proposal(language, NAME)
        # In the zone of the coalition, whose evening is the next day in UTC: a goal of tomorrow counts nobody today.
        self.goal_start.data = clock.today(self.zone.data)
        self.goal_deadline.data = self.goal_start.data + timedelta(weeks=40)
