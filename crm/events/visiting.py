"""The forms by which visitors register for an event."""

from typing import Any, cast

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.base.forms import Boxes
from crm.base.words import one_line
from crm.contacts.forms import SessionlessForm, VisitorForm, too_long
from crm.events.models import Event
from crm.events.needs import KNOWN, LONGEST, cleaned, offered


class NeedsForm(SessionlessForm):
    """What somebody needs to take part; nobody has to say."""

    written = ("needs_note",)
    needs = Boxes(
        _l("What do you need to take part?"),
        choices=[SelectChoice(*pair) for pair in KNOWN.items()],
    )
    needs_note = StringField(_l("Anything else that helps"), [Optional(), too_long(LONGEST)], filters=[one_line])

    def details(self) -> dict[str, Any]:
        """Return what was told, as it is kept with the form."""
        return cleaned({"boxes": self.needs.data, "note": self.needs_note.data})


class RegistrationForm(NeedsForm, VisitorForm):
    """Register: who one is, and what one needs."""


def needs_form(event: Event) -> type[NeedsForm]:
    """Return the form of what the event offers, for who is known."""
    return cast(type[NeedsForm], type("NeedsForm", (NeedsForm,), _asked(event)))


def registration_form(event: Event) -> type[RegistrationForm]:
    """Return the form of what the event offers, for who is not."""
    return cast(type[RegistrationForm], type("RegistrationForm", (RegistrationForm,), _asked(event)))


def _asked(event: Event) -> dict[str, Any]:
    choices = [SelectChoice(*pair) for pair in offered(event).items()]
    return {"needs": Boxes(_l("What do you need to take part?"), choices=choices)}
