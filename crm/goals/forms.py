"""The form of a goal."""

from typing import Any

from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from crm.base.forms import VersionedForm, sensible_year
from crm.base.registries import metrics


class GoalForm(VersionedForm):
    """Metric, target, start and deadline."""

    title = StringField("Title", [DataRequired("Enter a title."), Length(max=200)])
    title_es = StringField("Title in Spanish", [Length(max=200)])
    title_ar = StringField("Title in Arabic", [Length(max=200)])
    metric = SelectField("What is counted")
    target = IntegerField(
        "How many", [InputRequired("Enter a number."), NumberRange(1, 10_000_000, "1 to 10,000,000.")]
    )
    starts_on = DateField("From", [InputRequired("Enter a date."), sensible_year])
    deadline = DateField("Until", [InputRequired("Enter a date."), sensible_year])
    public = BooleanField("Show it on the home page", default=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metric.choices = [SelectChoice(name, metric.label) for name, metric in metrics.items()]

    def validate_deadline(self, field: DateField) -> None:
        if field.data and self.starts_on.data and field.data <= self.starts_on.data:
            raise ValidationError("The goal must end after it starts.")
