"""The form that moves an entry of the calendar."""

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import Optional

from crm.base.forms import sensible_year
from crm.campaigns.forms import Day


class MoveForm(FlaskForm):
    """To which day, and as what the entry was seen."""

    day = Day("Day", [Optional(), sensible_year])
    seen = HiddenField()
