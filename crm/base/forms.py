"""What forms of all subjects share: boxes to tick, values by name, the version it was opened on, sensible years."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import DateField, Form, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from crm.base.changes import Collision, Refused, untouched
from crm.extensions import db

HOW = frozenset({"version", "csrf_token"})


def number_or_none(text: Any) -> int | None:
    """Coerce: a number, or None for nothing."""
    return int(text) if text not in (None, "", "None") else None


def row_or_none(text: Any) -> int | None:
    """Coerce: the number of a row, which every column of ids holds, or None for nothing."""
    number = number_or_none(text)
    if number is not None and not 0 < number < 10**9:
        raise ValueError("no row has that number")
    return number


def row_number(text: str) -> int:
    """Return the number of a row or version that was sent; 0, which none has, for what is no such number."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def first_error(form: FlaskForm) -> str:
    """Return the first error of a form in one line."""
    return next((str(error) for errors in form.errors.values() for error in errors), "")


class Boxes(SelectMultipleField):
    """Some of the choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ValuesForm(FlaskForm):
    """A form whose fields are named as what they set."""

    def values(self) -> dict[str, Any]:
        """Return what was typed, trimmed, by the names of the fields."""
        fields = [field for field in self if field.short_name not in HOW]
        return {f.short_name: (f.data or "").strip() if isinstance(f, StringField) else f.data for f in fields}

    def refuse(self, field: str, message: str) -> None:
        """Show the message beside the field of that name; on top where there is none."""
        if field in self._fields:
            self[field].errors = [message]
        else:
            self.form_errors.append(message)


class VersionedForm(ValuesForm):
    """A form that knows which version of the record it was opened on."""

    version = HiddenField()
    theirs: Sequence[Any] | None = None  # What somebody else changed meanwhile, once that is known.

    @property
    def opened_on(self) -> int:
        """The version that the form was opened on; 0, so that nothing is overwritten, where that is not told."""
        return row_number((self.version.raw_data or [""])[0])

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Prepare the form to be shown once more after a collision, on the present version."""
        self.version.data = str(version)
        for name, value in merged.items():
            if name in self:
                self[name].data = value
                self[name].raw_data = None

    def saves(self, row: Any, save: Callable[[Any, dict[str, Any], int], object]) -> bool:
        """Save what was posted by `save`(row, values, opened on); False where the form must be shown (again).

        Then it says what was refused, or what somebody else changed meanwhile: fields that were left alone here show
        the other's text.
        """
        if not self.validate_on_submit():
            return False
        try:
            try:
                save(row, self.values(), self.opened_on)
            except IntegrityError:  # Somebody took the same name or address at this moment. Now it can be seen.
                db.session.rollback()
                save(row, self.values(), self.opened_on)
        except Refused as refusal:
            self.refuse(refusal.field, str(refusal))
        except Collision as collision:
            self.theirs = collision.changes
            self.show_again(row.version, untouched(self.values(), [row], collision.changes))
        else:
            return True
        return False

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        return 200 if self.theirs is None else 409

    def in_words(self, changes: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return (label, old, new) of each changed field, as a page shows it."""
        shown = [(name, pair) for name, pair in changes.items() if name != "version"]
        return [(self._label(name), self._shown(name, old), self._shown(name, new)) for name, (old, new) in shown]

    def _label(self, name: str) -> str:
        return str(self[name].label.text) if name in self else name.capitalize()

    def _shown(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        choices = getattr(self[name], "choices", None) if name in self else None
        return next((str(label) for choice, label, *_ in choices or [] if choice == value), str(value))


def sensible_year(form: Form, field: DateField) -> None:
    """Validator: no date, or one from 2000 to 2100."""
    if field.data and not 2000 <= field.data.year <= 2100:
        raise ValidationError("Choose a year from 2000 to 2100.")
