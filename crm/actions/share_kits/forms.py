"""The form of a ready text."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.actions.share_kits.channels import CHANNELS
from crm.base.forms import VersionedForm
from crm.base.locales import LANGUAGES

LONGEST = 4000  # characters


class ShareTextForm(VersionedForm):
    """A ready text for one channel, in one language."""

    channel = SelectField("Channel", choices=[SelectChoice(name, one.label) for name, one in CHANNELS.items()])
    language = SelectField("Language", choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    subject = StringField("Subject, of a mail", [Length(max=200)])
    text = TextAreaField("Text", [DataRequired("Write the text."), Length(max=LONGEST)])
