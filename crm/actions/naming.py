"""Forms whose sender chooses whether a name is shown in public."""

from typing import Any

from flask_babel import gettext as _

from crm.actions import signatures
from crm.contacts.forms import VisitorForm


class NamedForm(VisitorForm):
    """A visitor's form of which the field that `chosen_in` names says what of the name is shown."""

    chosen_in = "shown"

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the name where it shall be shown; the field's own validators stop where it is empty."""
        good: bool = super().validate(extra_validators)
        if self[self.chosen_in].data in (signatures.INITIAL, signatures.FULL) and not self.first_name.data:
            told = _("Write your first name, or choose that nothing of you is shown.")
            self.first_name.errors, good = [told], False
        return good
