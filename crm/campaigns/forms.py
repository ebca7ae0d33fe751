"""The form of a campaign."""

from collections.abc import Iterable

from wtforms import DateField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.base.forms import VersionedForm, sensible_year


class Day(DateField):
    """A date that says how it is written where it was not understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give the date as year, month and day, for example 2026-11-30.") from error


def offered(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Return (value, label) pairs as choices of a field."""
    return [SelectChoice(value, label) for value, label in pairs]


class CampaignForm(VersionedForm):
    """What is known of a campaign."""

    name = StringField("Name", [DataRequired("Give the name."), Length(max=200)])
    description = TextAreaField("What it is about", [Length(max=20000)])
    starts_on = Day("Starts", [Optional(), sensible_year])
    ends_on = Day("Ends", [Optional(), sensible_year])
