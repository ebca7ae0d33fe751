"""The forms of a member's page and of its services."""

from flask_babel import LazyString
from wtforms import BooleanField, EmailField, StringField, TelField, TextAreaField, URLField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.base.forms import Boxes, VersionedForm
from crm.base.states import STATES
from crm.base.web_links import web_link
from crm.organizations.offering.professions import PROFESSIONS, spoken

LONG = [Length(max=2000, message="Keep it under 2,000 characters.")]
SHORT = [Length(max=120, message="Keep it under 120 characters.")]


def _listed(words: dict[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(code, label) for code, label in words.items()]


class ProfileForm(VersionedForm):
    """What a member says of itself in public."""

    about = TextAreaField("What it does", LONG)
    about_es = TextAreaField("What it does, in Spanish", LONG)
    about_ar = TextAreaField("What it does, in Arabic", LONG)
    email = EmailField("Public e-mail address", [Length(max=200)])
    phone = TelField("Public phone number", [Length(max=40)])


class ServiceForm(VersionedForm):
    """A service: what, for whom, where, and in which languages."""

    name = StringField("Name", [DataRequired("Give the service a name."), *SHORT])
    name_es = StringField("Name in Spanish", SHORT)
    name_ar = StringField("Name in Arabic", SHORT)
    description = TextAreaField("What people get", LONG)
    description_es = TextAreaField("What people get, in Spanish", LONG)
    description_ar = TextAreaField("What people get, in Arabic", LONG)
    states = Boxes("States", choices=_listed(STATES))
    professions = Boxes("Professions", choices=_listed(PROFESSIONS))
    languages = Boxes("Languages", choices=lambda: [SelectChoice(*pair) for pair in spoken("en")])
    url = URLField("Page about it", [Length(max=2000), web_link])
    shown = BooleanField("Shown to the public", default=True)
