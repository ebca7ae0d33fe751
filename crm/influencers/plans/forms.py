"""Forms of plan templates, and of starting a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_login import current_user
from sqlalchemy import select
from wtforms import BooleanField, FieldList, Form, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.base.forms import ValuesForm, VersionedForm, row_or_none, sensible_year
from crm.campaigns.forms import Day, offered
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer
from crm.influencers.plans import drafting
from crm.influencers.plans.drafting import ASSIGNEES, MOST_DAYS, Step
from crm.influencers.stages.forms import Days

FIRST, SPARE = 6, 3  # Empty rows of a new template, and beneath the steps of one that there is.
IN_RANGE = NumberRange(-MOST_DAYS, MOST_DAYS, f"Give a number from -{MOST_DAYS} to {MOST_DAYS}.")


class StepForm(Form):
    """One step of a template."""

    title = StringField("What is to be done", [Length(max=200)])
    days = Days("Days from the anchor", [Optional(), IN_RANGE])
    assignee = SelectField("Who does it", choices=offered(ASSIGNEES.items()), default="owner")
    after = SelectField("Comes after", coerce=row_or_none, validate_choice=False)
    out = BooleanField("Take this step out")


class TemplateForm(VersionedForm):
    """A template with its steps."""

    name = StringField("Name", [DataRequired("Give the name."), Length(max=80)])
    about = TextAreaField("When it is for", [Length(max=2000)])
    steps = FieldList(FormField(StepForm))

    def __init__(self, **values: Any) -> None:
        """Show these values of a template."""
        super().__init__(**{**values, "steps": _rows(values.get("steps", ()))})
        if self.is_submitted():
            self._offer_steps()
        else:
            self.make_room(SPARE if values.get("steps") else FIRST)

    def make_room(self, rows: int = SPARE) -> None:
        """Add empty rows at the end."""
        for _ in range(rows):
            self.steps.append_entry()
        self._offer_steps()

    def values(self) -> dict[str, Any]:
        """Return what was typed, the steps as a template keeps them; raises Refused where they cannot stand."""
        steps = [{**row, "title": (row["title"] or "").strip()} for row in self.steps.data]
        return {"name": (self.name.data or "").strip(), "about": (self.about.data or "").strip()} | {
            "steps": drafting.arrange(steps)
        }

    def refuse(self, field: str, message: str) -> None:
        """Show the message beside the field of that name, of a step too; on top where there is none."""
        if not field.startswith("steps-"):
            return super().refuse(field, message)
        _, number, name = field.split("-")
        self.steps[int(number)].form[name].errors = [message]
        self.steps.errors = [message]

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Show the steps of somebody else, where those here were left alone."""
        steps = merged.pop("steps", None)
        super().show_again(version, merged)
        if steps is not None:
            self.steps.process(None, _rows(steps))
            self.make_room()

    def _shown(self, name: str, value: Any) -> str:
        if name == "steps" and value:
            return ", ".join(f"{step['title']} ({step['days']:+} days)" for step in value)
        return super()._shown(name, value)

    def _offer_steps(self) -> None:
        rows = [row.form for row in self.steps]
        named = [
            (str(n), f"Step {n}{': ' + row.title.data if row.title.data else ''}") for n, row in enumerate(rows, 1)
        ]
        for row in rows:
            row.after.choices = offered([("", "Nothing"), *named])


class PlanForm(ValuesForm):
    """Which plan, around which day, about which ask."""

    template_id = SelectField("Plan", coerce=row_or_none, validate_choice=False)
    anchor_on = Day("Anchor date", [InputRequired("Give the day around which the plan lies."), sensible_year])
    ask_id = SelectField("About the ask", coerce=row_or_none, validate_choice=False)

    def __init__(self, influencer: Influencer, templates: Sequence[Any], **values: Any) -> None:
        super().__init__(**values)
        self.template_id.choices = offered((str(one.id), one.name) for one in templates)
        query = select(Ask.id, Ask.title).where(Ask.influencer_id == influencer.id, access.asks(current_user))
        asks = db.session.execute(query.where(Ask.state.in_(OPEN)).order_by(Ask.id.desc()))
        self.ask_id.choices = offered([("", "None"), *((str(number), title) for number, title in asks)])


def _rows(steps: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the rows of a form, which name the step that one comes after by its number."""
    return [{**step, "after": None if step["after"] is None else step["after"] + 1} for step in steps]
