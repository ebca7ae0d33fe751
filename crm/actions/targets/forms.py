"""The forms of targets: adding them, and what is known of one."""

from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.actions.letters import pacing
from crm.actions.targets import lists
from crm.actions.targets.models import Target
from crm.base.forms import ValuesForm, VersionedForm, row_or_none
from crm.base.web_links import is_web_link
from crm.base.words import one_line

LONGEST_LIST = 200_000  # characters


class ListForm(ValuesForm):
    """Targets as they are typed or pasted, one a line."""

    text = TextAreaField("Targets", [DataRequired("Write one target a line."), Length(max=LONGEST_LIST)])


class ChooseForm(ValuesForm):
    """Influencers by name, by committee or by segment."""

    who = StringField("By name", [Length(max=200)])
    committee = SelectField("By committee", validators=[Optional()])
    segment = SelectField("By segment", coerce=row_or_none, validators=[Optional()])


class PaceForm(ValuesForm):
    """How many letters may reach one target in an hour."""

    per_hour = IntegerField(
        "Letters an hour to each target",
        [
            InputRequired("Enter a whole number."),
            NumberRange(1, pacing.MOST, f"Enter a number from 1 to {pacing.MOST:,}."),
        ],
    )


class TargetForm(VersionedForm):
    """What is known of a target; of an influencer only what is this action's own.

    `private`: whether the user may not use the influencer's mail address.
    """

    name = StringField("Name", [DataRequired("Give the name."), Length(max=200)], filters=[one_line])
    title = StringField("Title", [Length(max=200)], filters=[one_line])
    organization = StringField("Organization", [Length(max=200)], filters=[one_line])
    email = EmailField("E-mail", [Length(max=254)], filters=[one_line])
    web_form = StringField("Address of its web form", [Length(max=2000)], filters=[one_line])
    phone = StringField("Telephone", [Length(max=32)], filters=[one_line])
    use_email = BooleanField("Letters of this action may go to their mail address")
    greeting = StringField("How letters begin", [Length(max=200)], filters=[one_line])
    ask_id = SelectField("Stands for the ask", coerce=row_or_none, validators=[Optional()])

    def __init__(
        self, target: Target, asks: list[tuple[int | str, str]], *, private: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(obj=target, **kwargs)
        self.ask_id.choices = [("", "None"), *asks]
        if target.influencer_id:
            for field in ("name", "title", "organization", "email", "web_form", "phone"):
                del self[field]
        if private or not target.influencer_id:
            del self.use_email

    def validate_email(self, field: EmailField) -> None:
        """Letters must be able to go there."""
        if field.data:
            try:
                field.data = lists.checked_address(field.data, self.title.data or "", self.organization.data or "")
            except ValueError as error:
                raise ValidationError(str(error)) from error

    def validate_web_form(self, field: StringField) -> None:
        """It is opened by supporters."""
        if field.data and not is_web_link(field.data):
            raise ValidationError("Give the whole address of the form, beginning with https://.")
