"""The form of an organization, and the field that names who sends mail."""

from collections.abc import Callable
from typing import Any

from wtforms import BooleanField, Field, Form, SelectField, StringField, URLField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from crm.base.forms import VersionedForm
from crm.base.web_links import web_link
from crm.base.words import one_line
from crm.organizations.members import KINDS


def name_in_mail(form: Form, field: Field) -> None:
    """Validator: a name that may stand before an address in angle brackets (RFC 5322 §3.4), and is no merge field."""
    if any(sign in field.data for sign in ("<", ">", "{{")):
        raise ValidationError("Leave out < and > and {{: mail writes addresses and merge fields between them.")


def sender_field(label: str, *validators: Callable[..., Any], longest: int = 200) -> StringField:
    """Return the field for the name that mail comes from: one line that is a name, so that no mail is held for it."""
    return StringField(label, [*validators, name_in_mail, Length(max=longest)], filters=[one_line])


class OrganizationForm(VersionedForm):
    """What is known of an organization."""

    name = StringField("Name", [DataRequired("Give the name."), Length(max=200)])
    kind = SelectField("Kind", choices=[SelectChoice(*kind) for kind in KINDS.items()])
    website = URLField("Website", [Length(max=2000), web_link])
    is_member = BooleanField("A member of the coalition")
    via = StringField("Code", [Length(max=32)])
