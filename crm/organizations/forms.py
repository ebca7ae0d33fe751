"""The form of an organization."""

from urllib.parse import urlsplit

from wtforms import BooleanField, Field, Form, SelectField, StringField, URLField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.base.forms import VersionedForm
from crm.organizations.members import KINDS


def web_link(form: Form, field: Field) -> None:
    """Validator: nothing, or an http or https address."""
    field.data = (field.data or "").strip()
    try:
        good = not field.data or (urlsplit(field.data).scheme in ("http", "https") and urlsplit(field.data).hostname)
    except ValueError:
        good = False
    if not good:
        raise ValidationError("Give the whole address, beginning with https:// or http://.")


class OrganizationForm(VersionedForm):
    """What is known of an organization."""

    name = StringField("Name", [DataRequired("Give the name."), Length(max=200)])
    kind = SelectField("Kind", choices=[SelectChoice(*kind) for kind in KINDS.items()])
    website = URLField("Website", [Length(max=2000), web_link])
    is_member = BooleanField("A member of the coalition")
    via = StringField("Code", [Length(max=32)])
