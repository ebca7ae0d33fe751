"""Forms of the events' pages for staff."""

from collections.abc import Mapping
from typing import Any

from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.base import rich_text
from crm.base.forms import Boxes, ValuesForm, VersionedForm, row_or_none
from crm.base.wall_times import WallTime
from crm.base.web_links import web_link
from crm.base.words import one_line
from crm.base.zones import names
from crm.campaigns import registry as campaigns
from crm.events import holding
from crm.events.models import KINDS, USUAL, Event
from crm.events.needs import INTERPRETATION
from crm.events.writing import OFFSETS
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Ask
from crm.organizations import members

MOMENTS = ("starts", "ends", "closes")
TEXTS = tuple(f"{text}_{code}" for code in ("en", "es", "ar") for text in ("title", "summary", "description"))
FOLLOW_UP = tuple(f"{text}_{code}" for code in ("en", "es", "ar") for text in ("attended", "missed"))


def _title(label: str, *validators: Any) -> StringField:
    return StringField(label, [*validators, Length(max=200, message="Keep it under 200 characters.")], [one_line])


def _summary(label: str) -> TextAreaField:
    return TextAreaField(label, [Optional(), Length(max=500, message="Keep it under 500 characters.")])


def _rich(label: str) -> TextAreaField:
    return TextAreaField(label, [Optional(), Length(max=rich_text.MOST_CHARACTERS, message="This text is too long.")])


def _link(label: str) -> StringField:
    return StringField(label, [Optional(), Length(max=2000), web_link])


class EventForm(VersionedForm):
    """What staff know of an event; moments are typed as the clocks of its zone show them."""

    title_en = _title("Title", DataRequired("Give the title in English."))
    summary_en = _summary("In a sentence")
    description_en = _rich("What it is about")
    title_es = _title("Title")
    summary_es = _summary("In a sentence")
    description_es = _rich("What it is about")
    title_ar = _title("Title")
    summary_ar = _summary("In a sentence")
    description_ar = _rich("What it is about")
    kind = RadioField("Kind", choices=[SelectChoice(*pair) for pair in KINDS.items()], default="event")
    starts = WallTime("Begins", [InputRequired("Give the day and time at which it begins.")])
    ends = WallTime("Ends", [InputRequired("Give the day and time at which it ends.")])
    zone = SelectField("Time zone", choices=lambda: [SelectChoice(name) for name in names()])
    place = StringField("Place", [Optional(), Length(max=200)], [one_line])
    address = TextAreaField("Address", [Optional(), Length(max=500)])
    join_url = _link("Address of the meeting (join link)")
    capacity = IntegerField("Places", [Optional(), NumberRange(1, 100_000, "Give a number from 1 to 100,000.")])
    closes = WallTime("Registration closes")
    reminders = Boxes(
        "Reminders",
        coerce=int,
        choices=[SelectChoice(minutes, label) for minutes, label in OFFSETS.items()],
    )
    interpretation = Boxes(
        "Interpretation that registrants may ask for",
        choices=[SelectChoice(*pair) for pair in INTERPRETATION.items()],
    )
    campaign_id = SelectField("Campaign", coerce=row_or_none, validators=[Optional()])
    ask_id = SelectField("Ask that it stands behind", coerce=row_or_none, validators=[Optional()])
    organization_id = SelectField("Host", coerce=row_or_none, validators=[Optional()])

    def __init__(self, event: Event, **kwargs: Any) -> None:
        new = event.id is None
        begin = {"zone": current_user.zone, "reminders": [1440, 60], "interpretation": list(USUAL)}
        super().__init__(obj=None if new else event, data=begin if new else None, **kwargs)
        for name in MOMENTS:
            if not new and self[name].raw_data is None:
                self[name].show(getattr(event, f"{name}_at"), event.zone)
        self.campaign_id.choices = [SelectChoice(*pair) for pair in campaigns.choices("None")]
        self.organization_id.choices = [
            SelectChoice("", "The coalition"),
            *(SelectChoice(str(number), name) for number, name in members.names()),
        ]
        self.ask_id.choices = _asks(event.ask_id)

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of an event."""
        kept = {name: value for name, value in super().values().items() if name not in MOMENTS}
        languages = [code for code in INTERPRETATION if code in (self.interpretation.data or [])]
        return {**kept, "interpretation": languages, "reminders": sorted(self.reminders.data or [], reverse=True)}

    def save(self, event: Event, values: dict[str, Any], opened_on: int) -> Event:
        """Save what was typed; raises Refused also for a time that no clock shows, or that it shows twice."""
        planned = {f"{name}_at": self[name].moment(self.zone.data) for name in MOMENTS}
        return holding.save(event, values | planned, opened_on)


class FollowUpForm(VersionedForm):
    """What registrants are told after the event: written once, for those who attended and those who did not."""

    recording_url = _link("Recording")
    attended_en = _rich("To those who attended")
    missed_en = _rich("To those who did not")
    attended_es = _rich("To those who attended")
    missed_es = _rich("To those who did not")
    attended_ar = _rich("To those who attended")
    missed_ar = _rich("To those who did not")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Refuse merge fields, which would be sent as they stand."""
        good = super().validate(extra_validators)
        for name in FOLLOW_UP:
            if "{{" in (self[name].data or ""):
                self[name].errors = [*self[name].errors, "Merge fields cannot be used here. Write it without {{ … }}."]
                good = False
        return good


class AttendanceFileForm(ValuesForm):
    """A list of who attended."""

    file = FileField("File", [FileRequired("Choose the file that the webinar tool has made.")])


def _asks(chosen: int | None) -> list[SelectChoice]:
    query = select(Ask.id, Ask.title).where(access.asks(current_user)).order_by(Ask.id.desc()).limit(500)
    found = {str(number): title for number, title in db.session.execute(query)}
    if chosen and str(chosen) not in found:
        found = {str(chosen): "An ask that you do not see", **found}
    return [SelectChoice("", "None"), *(SelectChoice(*pair) for pair in found.items())]
