"""The form that makes one record of two."""

from flask_wtf import FlaskForm
from wtforms import HiddenField

from crm.base.registries import Choice

KEPT, GONE = "kept", "gone"


class MergeForm(FlaskForm):
    """Of which record each value is kept; `seen` tells what stood in both when the form was opened."""

    seen = HiddenField()

    def of_gone(self, offered: list[Choice], typed: dict[str, str]) -> list[str]:
        """Return the names of the choices of which the value of the record that goes was chosen."""
        return [choice.name for choice in offered if typed.get(f"choice-{choice.name}") == GONE]
