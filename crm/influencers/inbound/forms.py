"""The form that says whom a mail is with."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from crm.base.forms import ValuesForm


class AssignForm(ValuesForm):
    """Whom a mail that waits is with."""

    participants = TextAreaField(
        "Whom it is with", [DataRequired("Name at least one person on record."), Length(max=5000)]
    )
