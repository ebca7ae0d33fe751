"""Forms of pictures."""

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from crm.base.forms import ValuesForm

ALT = [Length(max=200, message="Keep the description under 200 characters.")]


class UploadForm(ValuesForm):
    """A new picture."""

    picture = FileField("Picture", [FileRequired("Choose a picture.")])
    alt = StringField("Description", ALT)


class DescriptionForm(ValuesForm):
    """What a picture is called here, and what is told to those who do not see it."""

    name = StringField("Name", [DataRequired("Give it a name."), Length(max=200)])
    alt = StringField("Description", ALT)
