"""The form of the cap."""

from typing import Any

from flask import current_app
from wtforms import BooleanField, IntegerField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from crm.base.forms import Boxes, VersionedForm
from crm.mailings.capping.rule import MOST_DAYS
from crm.mailings.models import KINDS

MOST_MAILINGS = 100


class CapForm(VersionedForm):
    """How many mailings one contact gets at most, in how many days, and which kinds go to all the same."""

    active = BooleanField("Leave out whoever had enough mailings lately")
    most = IntegerField(
        "Mailings at most",
        [InputRequired("Write how many."), NumberRange(1, MOST_MAILINGS, "Write a number from 1 to 100.")],
    )
    days = IntegerField(
        "In so many days",
        [InputRequired("Write how many."), NumberRange(1, MOST_DAYS, f"Write a number of days from 1 to {MOST_DAYS}.")],
    )
    free_kinds = Boxes(
        "These kinds go to all the same",
        choices=[SelectChoice(name, label) for name, label in KINDS.items()],
    )

    def validate_days(self, field: Any) -> None:
        """No copies are kept longer than that, so the cap could not look back so far."""
        kept = current_app.config["KEEP_DELIVERIES_DAYS"]
        if kept and field.data and field.data > kept:
            raise ValidationError(f"This installation keeps copies for {kept} days only (KEEP_DELIVERIES_DAYS).")
