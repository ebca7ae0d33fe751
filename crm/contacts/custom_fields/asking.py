"""Questions as inputs of a form, and the answers read from it.

form_class = asking.with_fields(SignUpForm, [Asked(field, required=True)])
form = form_class(request.form)          # {% include "contacts/custom_fields/_inputs.html" %} shows the inputs
form.validate()
details = asking.answers(form)           # JSON; later: custom_fields.answers.keep(contact_id, details)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask_babel import gettext as _
from wtforms import (
    Field,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput

from crm.base import locales
from crm.base.forms import Boxes
from crm.contacts.custom_fields import kinds
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.custom_fields.models import CustomField

PREFIX = "custom_"
MOST_RADIOS = 6  # More choices than that stand in a list that opens.

AForm = TypeVar("AForm", bound=Form)


@dataclass(frozen=True)
class Asked:
    """A question as one form asks it."""

    field: CustomField
    required: bool = False


class OneOf(RadioField):
    """Radio buttons of which none needs to be pressed; what was sent is checked with the answer."""

    def pre_validate(self, form: Form) -> None:
        """Leave the check to the answer."""


class FromList(SelectField):
    """A list that opens; what was sent is checked with the answer."""

    def pre_validate(self, form: Form) -> None:
        """Leave the check to the answer."""


class SomeOf(Boxes):
    """Boxes to tick; what was sent is checked with the answer."""

    def pre_validate(self, form: Form) -> None:
        """Leave the check to the answer."""


def with_fields(base: type[AForm], asked: Sequence[Asked]) -> type[AForm]:
    """Return the form with an input for each of the questions, in the language that is being written."""
    inputs = {PREFIX + one.field.key: _input(one) for one in asked}
    about = {"custom_fields": [one.field for one in asked], "custom_names": list(inputs)}
    return cast(type[AForm], type(base.__name__, (base,), {**inputs, **about}))


def answers(form: Form) -> dict[str, Answer]:
    """Return what was answered in a form that was found valid, by the keys of the questions; without empty answers."""
    found = {field.key: kinds.read(field, form[PREFIX + field.key].data or "") for field in _fields(form)}
    return {key: answer for key, answer in found.items() if answer}


def all_answers(form: Form) -> dict[str, Answer]:
    """Return the same with the empty answers, which take away what was answered before."""
    return {**{field.key: "" for field in _fields(form)}, **answers(form)}


def data(given: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return answers as the data that a form of these questions is opened with."""
    return {PREFIX + key: answer for key, answer in given.items()}


def _fields(form: Form) -> Iterable[CustomField]:
    return cast(Iterable[CustomField], getattr(form, "custom_fields", ()))


def _input(asked: Asked) -> Any:
    field, code = asked.field, locales.language()
    about: dict[str, Any] = {"validators": [_Answered(asked)]}
    if hint := locales.said(field.hints, code):
        about["description"] = hint.shown
    label = locales.said(field.labels, code).shown or field.key
    if field.kind == "several":
        return SomeOf(label, choices=_choices(field, code), **about)
    if field.kind == "choice" and len(field.offered()) <= MOST_RADIOS:
        return OneOf(label, choices=_choices(field, code), **about)
    if field.kind == "choice":
        options = [SelectChoice(one["key"], *_told(one, code)) for one in field.offered()]
        return FromList(label, choices=[SelectChoice("", _("Please choose")), *options], **about)
    if field.kind == "yes_no":
        return OneOf(label, choices=[SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))], **about)
    if field.kind == "long_text":
        return TextAreaField(label, render_kw={"rows": 4}, **about)
    widget = {"widget": DateInput()} if field.kind == "date" else {}
    keys = {"render_kw": {"inputmode": "decimal"}} if field.kind == "number" else {}
    return StringField(label, **widget, **keys, **about)


def _choices(field: CustomField, code: str) -> list[SelectChoice]:
    return [SelectChoice(one["key"], locales.said(one, code).shown) for one in field.offered()]


def _told(choice: Mapping[str, str], code: str) -> tuple[str, dict[str, str]]:
    text, language = locales.said(choice, code)
    return text, {} if language == code else {"lang": language, "dir": locales.direction(language)}


class _Answered:
    """Validator: an answer of the question's kind, or none where none is needed."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.field_flags = {"required": True} if asked.required else {}

    def __call__(self, form: Form, field: Field) -> None:
        try:
            answer = kinds.read(self.asked.field, field.data or "")
        except kinds.BadAnswer as error:
            raise ValidationError(str(error)) from error
        if self.asked.required and not answer:
            question = self.asked.field.label(locales.language())
            raise StopValidation(_("Please answer “%(question)s”.", question=question))
