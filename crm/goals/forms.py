"""The form of a goal."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from crm.base.registries import metrics


class GoalForm(FlaskForm):
    """Metric, target, start and deadline."""

    title = StringField("Title", [DataRequired("Enter a title."), Length(max=200)])
    metric = SelectField("What is counted")
    target = IntegerField(
        "How many", [InputRequired("Enter a number."), NumberRange(1, 10_000_000, "1 to 10,000,000.")]
    )
    starts_on = DateField("From", [InputRequired("Enter a date.")])
    deadline = DateField("Until", [InputRequired("Enter a date.")])
    public = BooleanField("Show it on the home page", default=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metric.choices = [SelectChoice(name, metric.label) for name, metric in metrics.items()]

    def validate_starts_on(self, field: DateField) -> None:
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError("Choose a year from 2000 to 2100.")

    def validate_deadline(self, field: DateField) -> None:
        if field.data and not 2000 <= field.data.year <= 2100:
            raise ValidationError("Choose a year from 2000 to 2100.")
        if field.data and self.starts_on.data and field.data <= self.starts_on.data:
            raise ValidationError("The goal must end after it starts.")
