"""The form of a photo."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class PhotoForm(FlaskForm):
    """The picture."""

    photo = FileField("Photo", [FileRequired("Choose a picture.")])
