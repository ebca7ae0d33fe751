"""Forms of the mailings' pages."""

import re
from datetime import time
from typing import Any

from flask_login import current_user
from sqlalchemy import select
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.base import clock
from crm.base.forms import VersionedForm, row_number
from crm.base.locales import LANGUAGES
from crm.base.zones import names
from crm.campaigns.models import Campaign
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings import markup, zones
from crm.mailings.approval import gate
from crm.mailings.choosing import wanted
from crm.mailings.choosing.form import NAMES as AUDIENCE
from crm.mailings.choosing.form import AudienceFields, typed
from crm.mailings.models import KINDS, ON_UNCERTAIN, Mailing
from crm.mailings.waves.planning import Timing

SPREADS = [
    SelectChoice(0, "All at once"),
    *(SelectChoice(60 * hours, f"Over {hours} hour{'s'[: hours > 1]}") for hours in (1, 2, 4, 8, 12, 24, 48)),
]


def _minute(clock_time: time | None) -> int | None:
    return None if clock_time is None else 60 * clock_time.hour + clock_time.minute


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


class ScheduleForm(VersionedForm):
    """When a mailing goes."""

    at = DateTimeLocalField(
        "Date and time", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )
    own_time = BooleanField("At this hour of everybody's own time zone")
    spread = SelectField("Spread it", coerce=int, choices=SPREADS, default=0)
    opens = TimeField("Not before", [Optional()])
    closes = TimeField("Not after", [Optional()])
    zone = SelectField("Time zone", choices=lambda: [SelectChoice(name) for name in names()])
    typed = StringField("Number of recipients", [Optional()])
    shown = HiddenField()

    def planned(self, when: str) -> zones.Planned:
        """Return the moment that was chosen: the date and time in the zone, or `now`. Raises BadTime.

        What goes now goes when the time is over in which it can be taken back.
        """
        if when == "now":
            return zones.at(clock.now() + gate.grace(), current_user.zone)
        if self.at.errors or self.at.data is None:
            raise zones.BadTime("Choose a date and time, e.g. 2026-12-01 09:00, or send it now.")
        return zones.plan(self.at.data.isoformat(), self.zone.data)

    def timing(self) -> Timing:
        """Return how it is to go out over time. Raises BadTime."""
        if self.opens.errors or self.closes.errors:
            raise zones.BadTime("Write both hours like 08:00 and 20:00, or leave both empty.")
        opens, closes = (_minute(field.data) for field in (self.opens, self.closes))
        return Timing(bool(self.own_time.data), self.spread.data or 0, opens, closes)

    def numbers(self) -> dict[str, int | None]:
        """Return the number of recipients that was typed (None: none), and the one that was shown."""
        digits = re.sub(r"[\s,.'’]", "", self.typed.data or "")
        return {"typed": row_number(digits) if digits else None, "shown": row_number(self.shown.data or "")}


def _values_of(mailing: Mailing) -> dict[str, Any]:
    names = [name for name in MailingForm.__dict__ if hasattr(Mailing, name)]
    return {name: getattr(mailing, name) for name in names} | typed(wanted.of(mailing))
