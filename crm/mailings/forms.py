"""Forms of the mailings' pages."""

from typing import Any

from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.base import clock
from crm.base.forms import VersionedForm
from crm.base.locales import LANGUAGES
from crm.campaigns.models import Campaign
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings import markup, zones
from crm.mailings.choosing import wanted
from crm.mailings.choosing.form import NAMES as AUDIENCE
from crm.mailings.choosing.form import AudienceFields, typed
from crm.mailings.models import KINDS, ON_UNCERTAIN, Mailing


def _choices(words: dict[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class MailingForm(AudienceFields, VersionedForm):
    """What staff write, and to whom it goes."""

    kind = SelectField("Kind", choices=_choices(KINDS), validators=[InputRequired()])
    language = SelectField("Language", choices=_choices(LANGUAGES), default="en")
    subject = StringField(
        "Subject", [DataRequired("Write a subject."), Length(max=200, message="Keep the subject under 200 characters.")]
    )
    preheader = StringField("Preheader", [Optional(), Length(max=200, message="Keep it under 200 characters.")])
    body = TextAreaField(
        "Body",
        [Optional(), Length(max=markup.MAX_CHARACTERS, message="The body is too long: 200,000 characters at most.")],
    )
    topic_id = SelectField("Topic", coerce=int)
    campaign_id = SelectField("Campaign", coerce=_or_none, validators=[Optional()])
    on_uncertain = RadioField("When a copy may or may not have arrived", choices=_choices(ON_UNCERTAIN), default="hold")
    count_clicks = BooleanField("Count clicks on its links, all people together", default=True)

    def __init__(self, mailing: Mailing | None = None, **kwargs: Any) -> None:
        data = {**_values_of(mailing), **kwargs.pop("data", {})} if mailing else kwargs.pop("data", None)
        super().__init__(data=data, **kwargs)
        topics = db.session.scalars(select(Topic).order_by(Topic.position, Topic.id)).all()
        campaigns = db.session.scalars(select(Campaign).order_by(Campaign.name)).all()
        self.topic_id.choices = [SelectChoice(topic.id, topic.name()) for topic in topics]
        self.offer_audience()
        self.campaign_id.choices = [
            SelectChoice("", "None"),
            *(SelectChoice(campaign.id, campaign.name) for campaign in campaigns),
        ]

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a mailing."""
        data = {name: value for name, value in self.data.items() if name not in {"csrf_token", "version"}}
        data = {name: value for name, value in data.items() if name not in AUDIENCE}
        audience = self.wanted().kept()
        return {**data, "preheader": data["preheader"] or "", "body": data["body"] or "", "audience": audience}

    def mailing(self, markup_name: str = "markdown") -> Mailing:
        """Return an unsaved mailing of what was typed so far, for a preview."""
        values = {name: value for name, value in self.values().items() if value is not None}
        values["language"] = values.get("language") if values.get("language") in LANGUAGES else "en"
        return Mailing(**values, markup=markup_name)


class TrialForm(FlaskForm):
    """To whom a test goes, and as whom it is filled in."""

    to = EmailField("Send a test to", [DataRequired("Write the address that gets the test.")])
    as_contact = StringField("As it looks for", [Optional()])


class ScheduleForm(VersionedForm):
    """When a mailing goes."""

    at = DateTimeLocalField(
        "Date and time", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )
    zone = SelectField("Time zone", choices=lambda: [SelectChoice(name) for name in zones.all_names()])

    def planned(self, when: str) -> zones.Planned:
        """Return the moment that was chosen: `now`, or the date and time in the zone. Raises BadTime."""
        if when == "now":
            return zones.parse("now", clock.now(), current_user.zone)
        if self.at.errors or self.at.data is None:
            raise zones.BadTime("Choose a date and time, e.g. 2026-12-01 09:00, or send it now.")
        return zones.plan(self.at.data.isoformat(), self.zone.data)


def _values_of(mailing: Mailing) -> dict[str, Any]:
    names = [name for name in MailingForm.__dict__ if hasattr(Mailing, name)]
    return {name: getattr(mailing, name) for name in names} | typed(wanted.of(mailing))
