"""The forms of letters and calls: what staff set, what they suggest, and what a visitor fills in."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.actions.forms import ActionForm
from crm.actions.letters import texts
from crm.actions.letters.models import SuggestedText
from crm.actions.models import Action
from crm.actions.targets import channels, recipients, representatives
from crm.base.forms import VersionedForm
from crm.base.locales import LANGUAGES
from crm.base.words import one_line
from crm.contacts.forms import VisitorForm, too_long

LONGEST_SUBJECT, LONGEST_TEXT = 150, 6000  # characters
MOST_CHOSEN = 300
CHOICE = re.compile(r"(email|form|phone):[it][0-9]{1,9}")
WHOM = {"list": "The targets on its list", recipients.BY_ZIP: "Each supporter's own members of Congress, by ZIP code"}
CHAMBERS = {"both": "House and Senate", "house": "The House alone", "senate": "The Senate alone"}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class LetterActionForm(ActionForm):
    """What staff say of a letter or call besides: whom it goes to."""

    whom = SelectField("Goes to", choices=[SelectChoice(*one) for one in WHOM.items()])
    chambers = SelectField("By ZIP code", choices=[SelectChoice(*one) for one in CHAMBERS.items()])


class SuggestedTextForm(VersionedForm):
    """A text that supporters may begin with."""

    kind = SelectField("What it is", choices=[SelectChoice("letter", "A letter"), SelectChoice("call", "What to say")])
    language = SelectField("Language", choices=[SelectChoice(*one) for one in LANGUAGES.items()])
    subject = StringField("Subject of the letter", [Length(max=LONGEST_SUBJECT)], filters=[one_line])
    text = TextAreaField("Text", [DataRequired("Write the text."), Length(max=LONGEST_TEXT)])

    def validate_subject(self, field: StringField) -> None:
        """A letter has a subject."""
        if self.kind.data == "letter" and not field.data:
            raise ValidationError("Write the subject. Supporters can change it.")


class ChosenField(SelectMultipleField):
    """The offices that somebody chose; who they are is looked up when the address is proven."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what no page of ours offers."""
        chosen = self.data or []
        if len(chosen) > MOST_CHOSEN or not all(CHOICE.fullmatch(one) for one in chosen):
            raise ValidationError(_("One of these offices is not there any more. Choose again."))


class LetterForm(VisitorForm):
    """A letter to offices, or calls: what it says, to whom it goes, and what was done by form and telephone."""

    action: Action
    written = ("subject",)
    did = ChosenField(_l("Offices"), choices=[], validate_choice=False)
    subject = StringField(_l("Subject"), [Optional(), too_long(LONGEST_SUBJECT)], filters=[one_line])
    text = TextAreaField(_l("Your letter"), [Optional(), too_long(LONGEST_TEXT)])
    zip, district = HiddenField(), HiddenField()

    def __init__(self, formdata: Any = None, **values: Any) -> None:
        if formdata is None:
            begun = texts.begun(texts.for_visitors(self.action, channels.LETTER))
            values |= {"subject": begun.subject, "text": begun.text} if begun else {}
        super().__init__(formdata, **values)
        self.begin, self.earlier = (formdata or {}).get("begin"), ""
        if self.begin is not None:
            self._begin_anew()

    def unfinished(self) -> bool:
        """Tell whether another suggested text is wanted, which stands in the form already."""
        return self.begin is not None

    def others(self, suggested: Sequence[SuggestedText]) -> list[SuggestedText]:
        """Return those of the suggested texts that do not stand in the form already."""
        return [one for one in suggested if _lines(one.text) != _lines(self.text.data)]

    def _begin_anew(self) -> None:
        """Let the text stand there that is wanted, and keep what had been written as `earlier`."""
        suggested = texts.for_visitors(self.action, channels.LETTER)
        wanted = next((one for one in suggested if str(one.id) == self.begin), None)
        if wanted is not None:
            typed = _lines(self.text.data)
            self.earlier = "" if typed in {_lines(one.text) for one in suggested} else typed
            self.subject.data, self.text.data = wanted.subject, wanted.text

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that there is something to do, and that a letter has a sender, a subject and a text."""
        good = bool(super().validate(extra_validators))
        wrong = {name: message for name, message in self._missing().items() if not self[name].errors}
        for name, message in wrong.items():
            self[name].errors = [message]
        return good and not wrong

    def _missing(self) -> dict[str, str]:
        wrong = {}
        if not self.did.data:
            wrong["did"] = _("Choose at least one office, or tick what you did.")
        if self.action.whom == recipients.BY_ZIP and not representatives.zip_code(self.zip.data or ""):
            wrong["zip"] = _("Enter your ZIP code first, so that we find your representatives.")
        if self.goes_by_mail and not (self.first_name.data or self.last_name.data):
            wrong["first_name"] = _("Write your name. Offices answer to people who sign with their name.")
        if self.goes_by_mail and not self.subject.data:
            wrong["subject"] = _("Write the subject of your letter.")
        if self.goes_by_mail and not (self.text.data or "").strip():
            wrong["text"] = _("Write your letter.")
        return wrong

    @property
    def goes_by_mail(self) -> bool:
        """Whether a letter is to be sent by us."""
        return any(one.startswith(f"{channels.EMAIL}:") for one in self.did.data or [])

    def details(self) -> dict[str, Any]:
        """Return what was typed for the letter."""
        name = " ".join(filter(None, (self.first_name.data, self.last_name.data)))
        said = {"name": name[:200], "did": sorted(set(self.did.data or []))}
        said |= {"zip": representatives.zip_code(self.zip.data or ""), "district": (self.district.data or "")[:8]}
        if self.goes_by_mail:
            said |= {"subject": self.subject.data or "", "text": CONTROLS.sub("", _lines(self.text.data)).strip()}
        return said


def form_for(action: Action) -> type[LetterForm]:
    """Return the form that a visitor fills in for that action."""
    return type("LetterForm", (LetterForm,), {"action": action})


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()
