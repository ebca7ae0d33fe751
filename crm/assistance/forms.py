"""The form by which staff see to a request."""

from typing import Any

from sqlalchemy import select
from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from crm.accounts.models import User
from crm.assistance.handling import STATES
from crm.base.forms import VersionedForm, row_or_none, sensible_year
from crm.extensions import db
from crm.organizations import members


class HandlingForm(VersionedForm):
    """Who sees to it, until when, and what came of it."""

    state = RadioField("State", choices=[SelectChoice(*one) for one in STATES.items()])
    owner_id = SelectField("Who sees to it", coerce=row_or_none, validators=[Optional()])
    due_on = DateField("Due on", [Optional(), sensible_year])
    member_id = SelectField("Member that it was referred to", coerce=row_or_none, validators=[Optional()])
    outcome = TextAreaField("What came of it", [Length(max=4000)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        row = kwargs["obj"]  # Who left, and who is no member any more, stays until somebody chooses anew.
        users = db.session.scalars(select(User).where(User.active | (User.id == row.owner_id)).order_by(User.name))
        self.owner_id.choices = [SelectChoice("", "Nobody yet"), *(SelectChoice(one.id, one.name) for one in users)]
        known = dict(members.names()) | ({row.member_id: row.member.name} if row.member else {})
        named = [SelectChoice(number, name) for number, name in known.items()]
        self.member_id.choices = [SelectChoice("", "None"), *named]
