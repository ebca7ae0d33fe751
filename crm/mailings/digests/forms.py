"""The form of a digest."""

from calendar import day_name
from typing import Any

from sqlalchemy import select
from wtforms import IntegerField, SelectField, StringField, TextAreaField, TimeField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.base import wall_clock, zones
from crm.base.forms import VersionedForm, number_or_none
from crm.contacts import segments
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings.digests.models import MONTHLY, WEEKLY, Digest

LONGEST = 5_000


class DigestForm(VersionedForm):
    """To whom it goes, when, and its words in each language."""

    name = StringField("Name", [DataRequired("Give the digest a name."), Length(max=200)])
    topic_id = SelectField("Topic", coerce=int)
    segment_id = SelectField("Only for those in the segment", coerce=number_or_none, validators=[Optional()])
    rhythm = SelectField("It comes", choices=[(WEEKLY, "Every week"), (MONTHLY, "Every month")])
    weekday = SelectField("Day of the week", coerce=int, choices=[*enumerate(day_name)])
    monthday = IntegerField("Day of the month", [InputRequired("Write a day."), NumberRange(1, 31, "1 to 31.")])
    at = TimeField("At", [InputRequired("Write a time.")])
    zone = SelectField("Time zone")
    subject_en = StringField("Subject in English", [Length(max=200)])
    intro_en = TextAreaField("Words before the list, in English", [Length(max=LONGEST)])
    subject_es = StringField("Subject in Spanish", [Length(max=200)])
    intro_es = TextAreaField("Words before the list, in Spanish", [Length(max=LONGEST)])
    subject_ar = StringField("Subject in Arabic", [Length(max=200)])
    intro_ar = TextAreaField("Words before the list, in Arabic", [Length(max=LONGEST)])

    def __init__(self, digest: Digest, **kwargs: Any) -> None:
        at = None if digest.minute is None else wall_clock.of_day(digest.minute)
        super().__init__(obj=digest, data={"at": at} if at else None, **kwargs)
        topics = db.session.scalars(select(Topic).order_by(Topic.position, Topic.id))
        self.topic_id.choices = [SelectChoice(topic.id, topic.name()) for topic in topics]
        found = [SelectChoice(segment.id, segment.name) for segment in segments.everything()]
        self.segment_id.choices = [SelectChoice("", "Everybody who subscribes to the topic"), *found]
        self.zone.choices = [SelectChoice(name, name) for name in zones.names()]

    def validate_subject_en(self, field: StringField) -> None:
        """Ask for one subject at least, in whatever language."""
        if not any((one.data or "").strip() for one in (self.subject_en, self.subject_es, self.subject_ar)):
            raise ValidationError("Write a subject in one language at least.")

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a digest."""
        values = super().values()
        at = values.pop("at")
        return values | {"minute": at.hour * 60 + at.minute}
