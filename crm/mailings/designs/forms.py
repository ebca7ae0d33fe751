"""Forms of designs."""

from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.base.forms import VersionedForm, row_or_none
from crm.extensions import db
from crm.mailings.designs.looks import FONTS
from crm.mailings.designs.palettes import CHOSEN, HEX, STANDARD, THEMES
from crm.mailings.pictures.models import MailingPicture

SHOWN_PICTURES = 200
HEADER = [Length(max=120, message="Keep it under 120 characters.")]
FOOTER = [Length(max=500, message="Keep it under 500 characters.")]


class DesignForm(VersionedForm):
    """Name, colors, typefaces, logo, and the words that stand on top and at the foot."""

    name = StringField("Name", [DataRequired("Give the design a name."), Length(max=200)])
    light_paper, dark_paper = StringField("Paper"), StringField("Paper, dark")
    light_ink, dark_ink = StringField("Text"), StringField("Text, dark")
    light_primary, dark_primary = StringField("Links and buttons"), StringField("Links and buttons, dark")
    light_accent, dark_accent = StringField("Goal"), StringField("Goal, dark")
    font = RadioField("Typefaces", choices=[SelectChoice(name, font.label) for name, font in FONTS.items()])
    logo_id = SelectField("Logo", coerce=row_or_none, validators=[Optional()])
    header_en = StringField("Under the logo, in English", HEADER)
    header_es = StringField("Under the logo, in Spanish", HEADER)
    header_ar = StringField("Under the logo, in Arabic", HEADER)
    footer_en = TextAreaField("At the foot, in English", FOOTER)
    footer_es = TextAreaField("At the foot, in Spanish", FOOTER)
    footer_ar = TextAreaField("At the foot, in Arabic", FOOTER)
    default = BooleanField("Mailings without a design of their own wear it")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        newest = select(MailingPicture).order_by(MailingPicture.id.desc()).limit(SHOWN_PICTURES)
        pictures = [SelectChoice(picture.id, picture.name) for picture in db.session.scalars(newest)]
        self.logo_id.choices = [SelectChoice("", "None: the name of the coalition"), *pictures]

    def colors(self) -> dict[str, dict[str, str]]:
        """Return the colors as far as they were typed well, for a preview."""
        return {theme: {name: self._color(theme, name) for name in CHOSEN} for theme in THEMES}

    def _color(self, theme: str, name: str) -> str:
        typed = self[f"{theme}_{name}"].data or ""
        return typed if HEX.fullmatch(typed) else STANDARD[theme][name]


class DressForm(FlaskForm):
    """Which design a mailing wears."""

    design = RadioField("Design", coerce=row_or_none, validators=[Optional()])

    def __init__(self, choices: list[SelectChoice], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.design.choices = choices
