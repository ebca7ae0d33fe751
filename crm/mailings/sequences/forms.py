"""Forms of sequences."""

from typing import Any

from sqlalchemy import select
from wtforms import IntegerField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.base import wall_clock
from crm.base.forms import ValuesForm, VersionedForm, number_or_none
from crm.base.triggers import triggers
from crm.contacts import segments
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings.sequences.models import Sequence, SequenceStep

LONGEST_WAIT = 365


class SequenceForm(VersionedForm):
    """The name, with what it begins, under which topic, and where it wants people to get."""

    name = StringField("Name", [DataRequired("Give the sequence a name."), Length(max=200)])
    begins = SelectField("It begins for everybody who")
    topic_id = SelectField("Topic", coerce=int)
    goal_id = SelectField("It ends for those in the segment", coerce=number_or_none, validators=[Optional()])

    def __init__(self, sequence: Sequence, **kwargs: Any) -> None:
        begins = f"{sequence.trigger}:{sequence.trigger_value}" if sequence.trigger else None
        super().__init__(obj=sequence, data={"begins": begins} if begins else None, **kwargs)
        topics = db.session.scalars(select(Topic).order_by(Topic.position, Topic.id))
        self.begins.choices = _beginnings(sequence)
        self.topic_id.choices = [SelectChoice(topic.id, topic.name()) for topic in topics]
        self.goal_id.choices = [SelectChoice("", "Nobody before the last step"), *_segments()]

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a sequence."""
        values = super().values()
        trigger, _, about = values.pop("begins").partition(":")
        return values | {"trigger": trigger, "trigger_value": about}


class StepForm(ValuesForm):
    """When a step is due, and for whom it is."""

    days = IntegerField(
        "Days after the step before",
        [InputRequired("Write a number of days; 0 for the same day."), NumberRange(0, LONGEST_WAIT, "0 to 365 days.")],
    )
    at = TimeField("At", [Optional()])
    segment_id = SelectField("Only for those in the segment", coerce=number_or_none, validators=[Optional()])

    def __init__(self, step: SequenceStep) -> None:
        at = None if step.minute is None else wall_clock.of_day(step.minute)
        super().__init__(obj=step, data={"at": at} if at else None)
        self.segment_id.choices = [SelectChoice("", "Everybody in the sequence"), *_segments()]

    def values(self) -> dict[str, Any]:
        """Return what was typed as columns of a step."""
        values = super().values()
        at = values.pop("at")
        return values | {"minute": None if at is None else at.hour * 60 + at.minute}


def _segments() -> list[SelectChoice]:
    return [SelectChoice(segment.id, segment.name) for segment in segments.everything()]


def _beginnings(sequence: Sequence) -> list[SelectChoice]:
    found = []
    for name, trigger in triggers.items():
        chosen = sequence.trigger_value if sequence.trigger == name else ""
        values = trigger.offered(chosen) if trigger.choices else [("", "")]
        words = trigger.label[0].lower() + trigger.label[1:]
        found += [SelectChoice(f"{name}:{value}", f"{words} {label}".strip()) for value, label in values]
    return found
