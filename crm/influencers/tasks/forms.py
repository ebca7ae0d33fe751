"""The forms of a task."""

from collections.abc import Iterable
from typing import Any

from flask_login import current_user
from sqlalchemy import or_, select
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from crm.accounts.models import User
from crm.base.forms import ValuesForm, VersionedForm, row_or_none, sensible_year
from crm.campaigns.forms import Day, offered
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer
from crm.influencers.tasks import assigning

PREFIX = "task"
NO_DAY = "Give the day by which it is to be done."
TOO_LONG = "Say it in at most 200 characters; there is room for more in the note."


class ShortTaskForm(ValuesForm):
    """What, until when, who: the form beneath a list of tasks. `TaskForm` takes what it sends."""

    title = StringField("What is to be done", [DataRequired("Say what is to be done."), Length(max=200)])
    due_on = Day("Due", [InputRequired(NO_DAY)])
    assignee_id = SelectField("Who does it")

    def __init__(self, influencer: Influencer, others: Iterable[User | None]) -> None:
        super().__init__(formdata=None, prefix=PREFIX)
        self.assignee_id.choices = offered(assigning.near(influencer, current_user, others))


class TaskForm(VersionedForm):
    """All of a task."""

    title = StringField("What is to be done", [DataRequired("Say what is to be done."), Length(-1, 200, TOO_LONG)])
    due_on = Day("Due", [InputRequired(NO_DAY), sensible_year])
    # Who may not do it is refused with the reason, which the field itself would not say.
    assignee_id = SelectField("Who does it", coerce=row_or_none, validate_choice=False)
    ask_id = SelectField("About the ask", coerce=row_or_none, validate_choice=False)
    note = TextAreaField("Note", [Length(max=20000)])

    def __init__(self, influencer: Influencer, ask_id: int | None = None, **values: Any) -> None:
        """Let it be about one of the open asks of the influencer; `ask_id`: or about that one, if it is seen."""
        super().__init__(prefix=PREFIX, **values, **({"ask_id": ask_id} if ask_id else {}))
        self.assignee_id.choices = offered(assigning.choices(influencer))
        query = select(Ask.id, Ask.title).where(Ask.influencer_id == influencer.id, access.asks(current_user))
        query = query.where(or_(Ask.state.in_(OPEN), Ask.id == (ask_id or self.ask_id.data))).order_by(Ask.id.desc())
        asks = [(str(number), title) for number, title in db.session.execute(query)]
        self.ask_id.choices = offered([("", "None"), *asks])

    def _shown(self, name: str, value: Any) -> str:
        if name in ("assignee_id", "ask_id") and value:
            choices = {str(one.value): one.label for one in self[name].choices}
            return str(choices.get(str(value), "somebody else" if name == "assignee_id" else "another ask"))
        return super()._shown(name, value)
