"""The forms by which visitors register for an event."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.base.forms import Boxes
from crm.base.words import one_line
from crm.contacts.forms import SessionlessForm, VisitorForm, too_long
from crm.events.needs import LONGEST, OFFERED, cleaned


class NeedsForm(SessionlessForm):
    """What somebody needs to take part; nobody has to say."""

    needs = Boxes(
        _l("What do you need to take part?"),
        choices=[SelectChoice(*pair) for pair in OFFERED.items()],
    )
    needs_note = StringField(_l("Anything else that helps"), [Optional(), too_long(LONGEST)], filters=[one_line])

    def details(self) -> dict[str, Any]:
        """Return what was told, as it is kept with the form."""
        return cleaned({"boxes": self.needs.data, "note": self.needs_note.data})


class RegistrationForm(NeedsForm, VisitorForm):
    """Register: who one is, and what one needs."""
