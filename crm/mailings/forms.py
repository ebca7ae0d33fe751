"""Forms of the mailings' pages."""

import re
import secrets
from copy import deepcopy
from datetime import time
from typing import Any

from flask import request
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
from wtforms.validators import InputRequired, Length, Optional

from crm.base import clock, locales, wall_clock
from crm.base.forms import VersionedForm, row_number
from crm.base.locales import LANGUAGES
from crm.base.zones import names
from crm.campaigns.models import Campaign
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings import markup
from crm.mailings.approval import gate
from crm.mailings.blocks import checking
from crm.mailings.choosing import wanted
from crm.mailings.choosing.form import NAMES as AUDIENCE
from crm.mailings.choosing.form import AudienceFields, typed
from crm.mailings.composer import block_form, editing
from crm.mailings.composer.editing import Sheet
from crm.mailings.composer.tree import ROOT, Blocks
from crm.mailings.models import KINDS, ON_UNCERTAIN, Mailing
from crm.mailings.sequences import using
from crm.mailings.texts import Text
from crm.mailings.waves.planning import Timing

TYPED = ("subject", "preheader", "body")
SETTINGS = ("kind", "language", "topic_id", "campaign_id", "on_uncertain", "count_clicks")
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


class TextForm(VersionedForm):
    """What one text of a mailing says, in blocks or in a markup.

    `key` names the page that is open and `opened` the state of the text then, so that autosave and Save never collide.
    """

    subject = StringField("Subject", [Optional(), Length(max=200, message="Keep the subject under 200 characters.")])
    preheader = StringField("Preheader", [Optional(), Length(max=200, message="Keep it under 200 characters.")])
    body = TextAreaField(
        "Body",
        [Optional(), Length(max=markup.MAX_CHARACTERS, message="The body is too long: 200,000 characters at most.")],
    )
    key = HiddenField()
    opened = HiddenField()

    def __init__(self, text: Text | None = None, **kwargs: Any) -> None:
        known = {name: getattr(text, name) for name in TYPED} if text else {}
        opened = {"key": secrets.token_hex(8), "opened": editing.digest(text) if text else ""}
        super().__init__(data={**known, **opened, **(kwargs.pop("data", None) or {})}, **kwargs)
        self.markup = text.markup if text else "markdown"
        typed = self.is_submitted() and f"{ROOT}.n" in request.form
        self.blocks: Blocks = block_form.read(request.form) if typed else deepcopy(text.blocks or []) if text else []

    @property
    def sheet(self) -> Sheet:
        """The page that this form was sent from."""
        opened = (self.opened.raw_data or [""])[0]  # Its data would be the present state, where none was sent.
        return Sheet((self.key.data or "")[: editing.LONGEST_KEY], opened)

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a text."""
        typed = {name: self[name].data or "" for name in TYPED}
        return typed | ({"blocks": self.blocks} if self.markup == "blocks" else {})

    def text(self, markup_name: str, language: str) -> Mailing:
        """Return an unsaved mailing that says what was typed so far, for a preview. Raises BadBlocks."""
        known = locales.known(language)
        kept = checking.cleaned(self.blocks) if markup_name == "blocks" else []
        typed = {name: self[name].data or "" for name in TYPED}
        return Mailing(**typed, markup=markup_name, language=known, blocks=kept)

    def opened_anew(self, mailing: Mailing, text: Text) -> None:
        """Let the form stand for the mailing as it is now, with what was typed."""
        self.show_again(mailing.version, {})
        self.opened.data = editing.digest(text)


class MailingForm(AudienceFields, TextForm):
    """What staff write in the main language, and to whom it goes; of a step its sequence alone tells the latter."""

    kind = SelectField("Kind", choices=_choices(KINDS), validators=[InputRequired()])
    language = SelectField("Language", choices=_choices(LANGUAGES), default="en")
    topic_id = SelectField("Topic", coerce=int)
    campaign_id = SelectField("Campaign", coerce=_or_none, validators=[Optional()])
    on_uncertain = RadioField("When a copy may or may not have arrived", choices=_choices(ON_UNCERTAIN), default="hold")
    count_clicks = BooleanField("Count clicks on its links, all people together", default=True)

    def __init__(self, mailing: Mailing | None = None, **kwargs: Any) -> None:
        known = _values_of(mailing) if mailing else {}
        super().__init__(mailing, data={**known, **(kwargs.pop("data", None) or {})}, **kwargs)
        campaigns = db.session.scalars(select(Campaign).order_by(Campaign.name)).all()
        self.step = using.step_of(mailing.id) if mailing and mailing.id else None
        if self.step:
            for name in ("topic_id", *AUDIENCE):
                del self[name]
        else:
            topics = db.session.scalars(select(Topic).order_by(Topic.position, Topic.id)).all()
            self.topic_id.choices = [SelectChoice(topic.id, topic.name()) for topic in topics]
            self.offer_audience()
        self.campaign_id.choices = [
            SelectChoice("", "None"),
            *(SelectChoice(campaign.id, campaign.name) for campaign in campaigns),
        ]

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a mailing."""
        sending = {name: self[name].data for name in SETTINGS if name in self}
        audience = {} if self.step else {"audience": self.wanted().kept()}
        return {**super().values(), **sending, **audience}


class NumberForm(VersionedForm):
    """What confirms how many people get a mailing."""

    typed = StringField("Number of recipients", [Optional()])
    shown = HiddenField()

    def numbers(self) -> dict[str, int | None]:
        """Return the number of recipients that was typed (None: none), and the one that was shown."""
        digits = re.sub(r"[\s,.'’]", "", self.typed.data or "")
        return {"typed": row_number(digits) if digits else None, "shown": row_number(self.shown.data or "")}


class GoOnForm(NumberForm):
    """That a mailing goes on with the audience that was seen, though a segment of it was edited."""

    audience_digest = HiddenField()


class ScheduleForm(NumberForm):
    """When a mailing goes."""

    at = DateTimeLocalField(
        "Date and time", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    )
    own_time = BooleanField("At this hour of everybody's own time zone")
    spread = SelectField("Spread it", coerce=int, choices=SPREADS, default=0)
    opens = TimeField("Not before", [Optional()])
    closes = TimeField("Not after", [Optional()])
    zone = SelectField("Time zone", choices=lambda: [SelectChoice(name) for name in names()])

    def planned(self, when: str) -> wall_clock.Planned:
        """Return the moment that was chosen: the date and time in the zone, or `now`. Raises BadTime.

        What goes now goes when the time is over in which it can be taken back.
        """
        if when == "now":
            return wall_clock.at(clock.now() + gate.grace(), current_user.zone)
        if self.at.errors or self.at.data is None:
            raise wall_clock.BadTime("Choose a date and time, e.g. 2026-12-01 09:00, or send it now.", "at")
        return wall_clock.plan(self.at.data.isoformat(), self.zone.data)

    def timing(self) -> Timing:
        """Return how it is to go out over time. Raises BadTime."""
        if self.opens.errors or self.closes.errors:
            wrong = "opens" if self.opens.errors else "closes"
            raise wall_clock.BadTime("Write both hours like 08:00 and 20:00, or leave both empty.", wrong)
        opens, closes = (_minute(field.data) for field in (self.opens, self.closes))
        return Timing(bool(self.own_time.data), self.spread.data or 0, opens, closes)


def _values_of(mailing: Mailing) -> dict[str, Any]:
    return {name: getattr(mailing, name) for name in (*SETTINGS, "version")} | typed(wanted.of(mailing))
