"""Forms of approval and of its rules."""

from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from crm.base.forms import VersionedForm

MOST = 100_000_000
SIZE = [Optional(), NumberRange(0, MOST, f"Enter a whole number from 0 to {MOST:,}, or leave it empty.")]


class NoteForm(VersionedForm):
    """A few words to whoever approves, or back to whoever asked; `version` is that of the mailing that was seen."""

    note = TextAreaField("Note", [Optional(), Length(max=2000, message="Keep the note under 2,000 characters.")])


class RulesForm(VersionedForm):
    """What has to happen before a mailing goes."""

    approval_over = IntegerField("Approval for more recipients than", SIZE)
    confirm_over = IntegerField("Typing the number for more recipients than", SIZE)
    minutes = IntegerField(
        "Minutes in which it can be taken back",
        [InputRequired("Enter a number of minutes, or 0."), NumberRange(0, 60, "Enter 0 to 60 minutes.")],
    )
