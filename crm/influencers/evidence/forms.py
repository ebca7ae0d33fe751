"""The form of an evidence file."""

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length

from crm.base.forms import ValuesForm


class EvidenceForm(ValuesForm):
    """The file, and what it shows."""

    file = FileField("File", [FileRequired("Choose a file.")])
    note = StringField("What it shows", [Length(max=200)])
