"""Forms of stages, and of a move to one."""

from typing import Any

from wtforms import BooleanField, Form, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from crm.base.forms import ValuesForm, VersionedForm
from crm.campaigns.forms import offered
from crm.influencers.stages import table
from crm.influencers.stages.models import Stage


class Days(IntegerField):
    """A number of days that says how it is written where it was not understood."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "IntegerField"  # As which pages show it.

    def process_formdata(self, valuelist: list[str]) -> None:
        if not "".join(valuelist).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give a whole number of days, for example 45.") from error


class StageField(SelectField):
    """One of the present stages; says what became of one that was removed since the page was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"choices": [], **kwargs})
        self.type = "SelectField"  # As which pages show it.
        self.choices = offered(table.labels().items())

    def pre_validate(self, form: Form) -> None:
        try:
            table.claim(self.data or "")
        except table.UnknownStage as error:
            raise ValidationError(str(error)) from error


class MoveForm(VersionedForm):
    """A move to another stage."""

    stage = StageField("Stage")
    reason = StringField("Reason", [Length(max=2000)])


class StageForm(VersionedForm):
    """What a stage is called, and when silence in it is too long."""

    label = StringField("Name", [DataRequired("Give the name."), Length(max=40)])
    stale_after = Days("Stale after days of silence", [Optional(), NumberRange(1, 3650, "Give 1 to 3650 days.")])
    before_contact = BooleanField("Everybody begins here, before the first contact")


class RemoveForm(ValuesForm):
    """Where the influencers of a stage go that is removed, and why."""

    to = SelectField("Its influencers move to")
    reason = StringField("Why", [Length(max=2000)])

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        others = [(one.key, one.label) for one in table.everything() if one.key != stage.key]
        self.to.choices = offered([("", "Choose a stage"), *others])
