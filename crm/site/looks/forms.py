"""The form of the site's color."""

from wtforms import StringField
from wtforms.validators import Length

from crm.base.forms import VersionedForm


class ColorForm(VersionedForm):
    """The color of links and buttons."""

    primary = StringField("Color of links and buttons", [Length(max=7)])
