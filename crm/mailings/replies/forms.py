"""Forms of the inbox: whose a reply is, and the answer to it."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from crm.accounts.models import User
from crm.base.forms import ValuesForm, VersionedForm, row_or_none


class AssignForm(ValuesForm):
    """Whose a thread is."""

    assignee_id = SelectField("Assigned to", coerce=row_or_none)

    def __init__(self, helpers: Iterable[User], **given: Any) -> None:
        super().__init__(**given)
        self.assignee_id.choices = [("", "Nobody"), *((one.id, one.name) for one in helpers)]


class AnswerForm(VersionedForm):
    """What is answered, and whether that settles it."""

    text = TextAreaField("Your answer", [DataRequired("Write your answer."), Length(max=20_000)])
    done = BooleanField("Mark as done when it is sent", default=True)
