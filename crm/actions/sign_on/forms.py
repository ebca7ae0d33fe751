"""Forms of sign-on letters: that of staff, that of who signs for an organization, the logo, and the delivery."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from crm.actions.forms import ActionForm
from crm.base.forms import ValuesForm
from crm.base.locales import IN_ENGLISH
from crm.base.wall_times import WallTime
from crm.base.words import one_line
from crm.campaigns.forms import Day
from crm.contacts.forms import SessionlessForm, VisitorForm, too_long
from crm.influencers.interactions import KINDS

WAYS = ("meeting", "email", "event")


def addressee() -> TextAreaField:
    """Return the field that says to whom a letter goes."""
    hint = "Name, office and address, as they stand above the text."
    return TextAreaField("To whom it goes", [Length(max=600)], description=hint)


class SignOnLetterForm(ActionForm):
    """What staff say of a letter besides."""

    walls = (*ActionForm.walls, "soft_closes_at")
    soft_closes_at = WallTime("Soft deadline", description="Who signs until then stands in the letter that goes out.")
    texts = ("addressee", *ActionForm.texts)
    addressee_en, addressee_es, addressee_ar = addressee(), addressee(), addressee()


class OrganizationForm(VisitorForm):
    """Who signs for which organization."""

    organization_name = StringField(
        _l("Organization"), [DataRequired(_l("Write the name of the organization.")), too_long(200)], filters=[one_line]
    )
    first_name = StringField(
        _l("First name"), [DataRequired(_l("Write your first name.")), too_long(80)], filters=[one_line]
    )
    last_name = StringField(
        _l("Last name"), [DataRequired(_l("Write your last name.")), too_long(80)], filters=[one_line]
    )
    signer_title = StringField(
        _l("Your title there"),
        [DataRequired(_l("Write your title, for example Director.")), too_long(120)],
        filters=[one_line],
    )
    authorized = BooleanField(
        _l("I am authorized to sign for this organization."),
        [InputRequired(_l("Tick the box if you may sign for the organization."))],
    )

    def details(self) -> dict[str, Any]:
        """Return what was typed for the organization."""
        names = ("organization_name", "first_name", "last_name", "signer_title")
        return {name: self[name].data or "" for name in names}


class LogoForm(SessionlessForm):
    """The logo of an organization that signed."""

    logo = FileField(_l("Logo"))


class MemberForm(ValuesForm):
    """A member's own staff sign for it."""

    signer = StringField("Who signs", [DataRequired("Write the name of who signs."), Length(max=200)])
    signer_title = StringField("Title", [DataRequired("Write the title, for example Director."), Length(max=200)])


class DeliveryForm(ValuesForm):
    """When and how the letter was handed over."""

    delivered_on = Day("Day", [InputRequired("Choose the day.")])
    way = SelectField("How", choices=[SelectChoice(name, KINDS[name]) for name in WAYS])
    language = SelectField(
        "In which language", choices=[SelectChoice(*one) for one in IN_ENGLISH.items()], default="en"
    )
    late = BooleanField("Who signed after the soft deadline stood in it, too")
    note = TextAreaField("What was said", [Length(max=5000)])
