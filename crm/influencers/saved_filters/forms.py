"""The form of a saved filter."""

from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from crm.base.forms import ValuesForm


class SaveFilterForm(ValuesForm):
    """Its name, and who sees it."""

    name = StringField("Name", [DataRequired("Give the filter a name."), Length(max=200)])
    shared = BooleanField("My colleagues see it too")
