"""What forms of all subjects share: values by name, the version that a form was opened on, years that make sense."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Form, HiddenField, StringField, ValidationError

HOW = frozenset({"version", "csrf_token"})


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

    @property
    def opened_on(self) -> int:
        """The version that the form was opened on; 0, so that nothing is overwritten, where that is not told."""
        return int(self.version.data) if (self.version.data or "").isdigit() else 0

    def show_again(self, version: int, merged: dict[str, Any]) -> None:
        """Prepare the form to be shown once more after a collision, on the present version."""
        self.version.data = str(version)
        for name, value in merged.items():
            self[name].data = value
            self[name].raw_data = None


def sensible_year(form: Form, field: DateField) -> None:
    """Validator: no date, or one from 2000 to 2100."""
    if field.data and not 2000 <= field.data.year <= 2100:
        raise ValidationError("Choose a year from 2000 to 2100.")
