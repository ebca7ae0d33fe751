"""The forms that visitors fill in. They carry a signed stamp or token in place of a session."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from crm.base import postal_codes
from crm.base.forms import Boxes
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts import addresses
from crm.contacts.models import Topic

LEAVING_REASONS = [
    SelectChoice("too_many", _l("Too many e-mails")),
    SelectChoice("not_relevant", _l("The topics are not for me")),
    SelectChoice("never_asked", _l("I never asked for them")),
    SelectChoice("other", _l("Another reason")),
]
TOLD = ("first_name", "last_name", "organization_name", "zip_code")
LANGUAGE_CHOICES = [SelectChoice(code, name, {"lang": code}) for code, name in LANGUAGES.items()]


def too_long(limit: int) -> Length:
    return Length(max=limit, message=_l("Use at most %(max)d characters here.", max=limit))


class SessionlessForm(FlaskForm):
    """A form that works without a cookie: its view checks a stamp or a token itself.

    `written` names fields of one line that hold words of one's own, as those of many lines do.
    """

    written: tuple[str, ...] = ()

    class Meta:
        csrf = False

    def own_words(self) -> list[tuple[Any, str]]:
        """Return label and text of what was written in words of one's own."""
        fields = [one for one in self if isinstance(one, TextAreaField) or one.name in self.written]
        return [(one.label.text, one.data) for one in fields if (one.data or "").strip()]


class TopicsField(Boxes):
    """Topics as checkboxes."""

    def offer(self, topics: Sequence[Topic]) -> None:
        """Set the choices to these topics."""
        self.choices = [SelectChoice(topic.slug, topic.shown()) for topic in topics]

    def pre_validate(self, form: Any) -> None:
        """Leave the check to `unknown`, which needs the database."""

    def unknown(self) -> bool:
        """Tell, with an error at the field, whether something was chosen that is not on offer."""
        strange = not set(self.data or []) <= {choice.value for choice in self.choices or []}
        if strange:
            self.errors = [_("One of these topics does not exist any more. Choose again.")]
        return strange


class VisitorForm(SessionlessForm):
    """Who a visitor is, and whether they want mail besides what they do on the page; only the address is needed.

    The language is that of the page, which nobody chose for good: who is on record keeps the own one.
    """

    told: tuple[str, ...] = TOLD

    email = EmailField(_l("E-mail"), [DataRequired(_l("Enter your e-mail address.")), too_long(254)])
    first_name = StringField(_l("First name"), [Optional(), too_long(80)], filters=[one_line])
    last_name = StringField(_l("Last name"), [Optional(), too_long(80)], filters=[one_line])
    zip_code = StringField(
        _l("ZIP code"),
        [
            Optional(),
            too_long(12),
            Regexp(postal_codes.CODE, message=_l("Enter a ZIP code such as 02110.")),
        ],
        filters=[postal_codes.tidied],
    )
    language = SelectField(_l("Preferred language"), choices=LANGUAGE_CHOICES)
    topics = TopicsField(_l("Topics"))
    consent = BooleanField(_l("I agree"))
    fax = StringField(_l("Leave this field empty"))

    def validate_email(self, field: EmailField) -> None:
        try:
            field.normal = addresses.normalize(field.data)
        except addresses.BadAddress as error:
            raise ValidationError(_("Enter an e-mail address such as name@example.org.")) from error

    def validate_fax(self, field: StringField) -> None:
        if field.data:
            field.data = field.raw_data = None
            raise ValidationError(_("Leave this field empty, then send the form again."))

    def typed(self) -> dict[str, str]:
        """Return what the visitor told about themself."""
        return {name: self[name].data for name in self.told if name in self and self[name].data}

    def unfinished(self) -> bool:
        """Tell whether the visitor only asked for the form in another shape, with all that was typed."""
        return False

    def details(self) -> dict[str, Any]:
        """Return, as JSON values, what else was typed for what the visitor does."""
        return {}


class SignUpForm(VisitorForm):
    """Sign up: only the address and the consent are needed."""

    told = (*TOLD, "language")

    organization_name = StringField(_l("Organization"), [Optional(), too_long(200)], filters=[one_line])
    consent = BooleanField(_l("I agree"), [InputRequired(_l("Tick the box if you agree; we cannot write without it."))])


class PreferencesForm(SessionlessForm):
    """What a subscriber may change."""

    topics = TopicsField(_l("Topics"))
    first_name = StringField(_l("First name"), [Optional(), too_long(80)], filters=[one_line])
    last_name = StringField(_l("Last name"), [Optional(), too_long(80)], filters=[one_line])
    language = SelectField(_l("Preferred language"), choices=LANGUAGE_CHOICES)
    seen = BooleanField(_l("What we may see"))


class ReasonForm(SessionlessForm):
    """Why somebody left; nobody has to say."""

    reason = RadioField(_l("Why do you leave?"), choices=LEAVING_REASONS)
