"""The form of a snooze."""

from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length

from crm.base.forms import ValuesForm, sensible_year
from crm.campaigns.forms import Day


class SnoozeForm(ValuesForm):
    """Why somebody is left alone, and until when."""

    reason = StringField("Why", [DataRequired("Say why, for those who wonder."), Length(max=2000)])
    until = Day("Until", [InputRequired("Give the day on which to look again."), sensible_year])
