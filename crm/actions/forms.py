"""The form by which staff write an action; each kind adds its own fields."""

from collections.abc import Iterator
from typing import Any

from wtforms import Field, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from crm.actions.models import Action
from crm.base.forms import VersionedForm, row_or_none
from crm.base.locales import LANGUAGES
from crm.base.wall_times import WallTime
from crm.base.zones import names
from crm.contacts.forms import TopicsField
from crm.organizations import coalition

LONGEST = 20_000  # characters of a text
MOST = 10_000_000  # of a goal
TEXTS = ("title", "summary", "body", "button", "thanks", "outcome")


def short(label: str) -> StringField:
    """Return a field of one line."""
    return StringField(label, [Length(max=200)])


def long(label: str) -> TextAreaField:
    """Return a field of several lines."""
    return TextAreaField(label, [Length(max=LONGEST)])


class ActionForm(VersionedForm):
    """What actions of every kind have: texts in each language, when they are open, and what they belong to.

    `walls` names its fields that a wall clock tells, `texts` those that there are in each language.
    """

    walls: tuple[str, ...] = ("opens_at", "closes_at")
    texts: tuple[str, ...] = TEXTS

    title_en = StringField("Title", [DataRequired("Give the title in English."), Length(max=200)])
    summary_en = TextAreaField("In a sentence or two", [Length(max=600)])
    body_en, button_en, thanks_en, outcome_en = (
        long("Text"),
        short("Words of the button"),
        long("Thanks"),
        long("Outcome"),
    )
    title_es, button_es = short("Title"), short("Words of the button")
    summary_es = TextAreaField("In a sentence or two", [Length(max=600)])
    body_es, thanks_es, outcome_es = long("Text"), long("Thanks"), long("Outcome")
    title_ar, button_ar = short("Title"), short("Words of the button")
    summary_ar = TextAreaField("In a sentence or two", [Length(max=600)])
    body_ar, thanks_ar, outcome_ar = long("Text"), long("Thanks"), long("Outcome")
    opens_at, closes_at = WallTime("Opens"), WallTime("Closes")
    zone = SelectField("Time zone", choices=lambda: [SelectChoice(name) for name in names()])
    goal = IntegerField("Goal", [Optional(), NumberRange(1, MOST, "Give a number from 1 to 10,000,000.")])
    goal_from = IntegerField(
        "Tell the number in public from", [Optional(), NumberRange(0, MOST, "Give a number from 0 to 10,000,000.")]
    )
    topics = TopicsField("Topics that its form offers")
    campaign_id = SelectField("Campaign", coerce=row_or_none, validators=[Optional()])
    ask_id = SelectField("Stands behind the ask", coerce=row_or_none, validators=[Optional()])
    organization_id = SelectField("Whose action it is", coerce=row_or_none, validators=[Optional()])
    next_action_id = SelectField("Next action", coerce=row_or_none, validators=[Optional()])

    def __init__(self, action: Action, **kwargs: Any) -> None:
        zone = action.zone or coalition.zone()
        super().__init__(obj=_Shown(action, dict.fromkeys(self.walls) | {"zone": zone}), **kwargs)
        for name in self.walls:
            if self[name].raw_data is None:
                self[name].show(getattr(action, name), zone)

    def validate_title_en(self, field: StringField) -> None:
        """Refuse what is no title."""
        if not any(letter.isalnum() for letter in field.data or ""):
            raise ValidationError("Give the title in English.")

    def values(self) -> dict[str, Any]:
        """Return what was typed as attributes of an action; raises Refused where clocks show a time never, or twice."""
        values = super().values()
        walls = {name: self[name].moment(values["zone"]) for name in self.walls}
        return {**values, **walls, "goal_from": values["goal_from"] or 0, "topics": values["topics"] or []}

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Show what somebody else saved meanwhile, times as the wall clock tells them."""
        zone = merged.get("zone", self.zone.data)
        super().show_again(version, {name: value for name, value in merged.items() if name not in self.walls})
        for name in self.walls:
            if name in merged:
                self[name].show(merged[name], zone)

    @property
    def own(self) -> Iterator[Field]:
        """The fields of the kind alone."""
        written = {field.name for code in LANGUAGES for field in self.of(code).values()}
        return (field for name, field in self._fields.items() if name not in COMMON | written)

    def of(self, language: str) -> dict[str, Field]:
        """Return the fields of the texts in a language."""
        return {text: self[f"{text}_{language}"] for text in self.texts}

    @property
    def languages(self) -> dict[str, str]:
        """The languages that texts are written in, by code."""
        return LANGUAGES


class _Shown:
    """An action as its form begins with it."""

    def __init__(self, action: Action, instead: dict[str, Any]) -> None:
        self._action, self._instead = action, instead

    def __getattr__(self, name: str) -> Any:
        return self._instead[name] if name in self._instead else getattr(self._action, name)


COMMON = frozenset(name for name in dir(ActionForm) if not name.startswith("_")) | {"csrf_token"}
