"""Forms of form actions: that of staff, that of visitors with the questions chosen, and publishing a story."""

from typing import Any, cast

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.actions import signatures
from crm.actions.forms import ActionForm
from crm.actions.models import Action
from crm.actions.naming import NamedForm
from crm.actions.submissions import sending
from crm.base.forms import Boxes, VersionedForm
from crm.contacts.custom_fields import asking, questions
from crm.contacts.forms import VisitorForm, too_long

LONGEST_STORY = 10_000  # characters
STORY = "A story, in their own words, that may be published"


class FormActionForm(ActionForm):
    """Which questions the form asks, and whether it asks for a story."""

    asks_story = BooleanField(STORY)
    questions = Boxes("Questions", description="Further ones are written under People, Questions.")
    required = Boxes("Of these must be answered")

    def __init__(self, action: Action, **kwargs: Any) -> None:
        super().__init__(action, **kwargs)
        choices = [SelectChoice(field.key, field.label()) for field in questions.in_use()]
        self.questions.choices, self.required.choices = choices, list(choices)

    def validate_asks_story(self, field: BooleanField) -> None:
        """Refuse a form that asks nothing."""
        if not field.data and not self.questions.data:
            raise ValidationError("Ask for a story, or choose at least one question.")

    def values(self) -> dict[str, Any]:
        """Return what was typed; only what is asked can be required."""
        values = super().values()
        asked = values["questions"] or []
        return {**values, "questions": asked, "required": [key for key in values["required"] or [] if key in asked]}


class SubmissionForm(VisitorForm):
    """Who sends it, and the questions."""

    def details(self) -> dict[str, Any]:
        """Return the answers."""
        return {"answers": asking.answers(self)}


class StoryForm(NamedForm, SubmissionForm):
    """A story besides, and whether it may be published."""

    chosen_in = "publish"

    story = TextAreaField(_l("Your story"), [DataRequired(_l("Write your story.")), too_long(LONGEST_STORY)])
    publish = RadioField(
        _l("May we publish it?"),
        choices=[
            SelectChoice(sending.NO, _l("No; it is for you alone")),
            SelectChoice(sending.NAMELESS, _l("Yes, without my name")),
            SelectChoice(signatures.INITIAL, _l("Yes, with my first name and the first letter of my last name")),
            SelectChoice(signatures.FULL, _l("Yes, with my full name")),
        ],
        default=sending.NO,
    )

    def details(self) -> dict[str, Any]:
        """Return the story, too."""
        named = {"first_name": self.first_name.data or "", "last_name": self.last_name.data or ""}
        told = {"story": (self.story.data or "").strip(), "publish": self.publish.data}
        return {**super().details(), **named, **told}


class PublishForm(VersionedForm):
    """A story as it shall be read."""

    published_title = StringField("Title", [DataRequired("Give the story a title."), Length(max=200)])
    published_text = TextAreaField("Text", [DataRequired("Write the text."), Length(max=20_000)])


def of(action: Action) -> type[VisitorForm]:
    """Return the form that visitors fill in."""
    known = {field.key: field for field in questions.in_use()}
    asked = [asking.Asked(known[key], key in action.required) for key in action.questions if key in known]
    base = StoryForm if action.asks_story else SubmissionForm
    return cast(type[VisitorForm], asking.with_fields(base, asked))
