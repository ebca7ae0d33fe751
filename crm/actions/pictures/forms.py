"""Forms of the pictures of actions."""

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from crm.base.forms import ValuesForm
from crm.base.locales import LANGUAGES

BRIEF = Length(max=200, message="Keep the description under 200 characters.")


class DescriptionForm(ValuesForm):
    """What is told to those who do not see the picture."""

    alt_en = StringField("Description in English", [DataRequired("Say what the picture shows."), BRIEF])
    alt_es = StringField("Description in Spanish", [BRIEF])
    alt_ar = StringField("Description in Arabic", [BRIEF])

    def alts(self) -> dict[str, str]:
        """Return the descriptions by language."""
        return {code: words for code in LANGUAGES if (words := (self[f"alt_{code}"].data or "").strip())}


class PictureForm(DescriptionForm):
    """A new picture."""

    picture = FileField("Picture", [FileRequired("Choose a picture.")])
