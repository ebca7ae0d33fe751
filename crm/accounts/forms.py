"""Forms of the login and of the users pages."""

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import EmailField, Form, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from crm.accounts import passwords
from crm.accounts.models import User
from crm.accounts.permissions import ROLES
from crm.base import zones
from crm.base.forms import number_or_none
from crm.organizations import members

ROLE_LABELS = {
    "viewer": "Viewer: sees everything, changes nothing",
    "organizer": "Organizer: works with people, influencers and mailings",
    "admin": "Admin: also exports, settings and users",
}


def normal(address: str) -> str:
    """Return the normal form of an e-mail address; raises ValueError, and looks nothing up in the network."""
    return str(validate_email(address.strip(), check_deliverability=False).normalized).lower()


def normal_address(form: Form, field: Any) -> None:
    """Validator: an e-mail address, put into its normal form."""
    try:
        field.data = normal(field.data or "")
    except EmailNotValidError as error:
        raise ValidationError(f"Enter an e-mail address like name@example.org. {error}") from error


def known_zone(form: Form, field: Any) -> None:
    """Validator: the name of a time zone."""
    if not zones.known(field.data):
        raise ValidationError("Choose a time zone of the list, for example America/New_York.")


class LoginForm(FlaskForm):
    """Address and password."""

    email = EmailField("E-mail", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1024)])


class ForgottenForm(FlaskForm):
    """The address that a link to set a new password goes to."""

    email = EmailField("E-mail", [InputRequired("Enter your e-mail address."), normal_address])


class NewPasswordForm(FlaskForm):
    """A new password, typed twice; `about` is what others know of its owner."""

    new_password = PasswordField("New password", [InputRequired("Choose a password.")])
    again = PasswordField(
        "The same again", [InputRequired("Type it again."), EqualTo("new_password", "The two are not the same.")]
    )

    def __init__(self, *about: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.about = about

    def validate_new_password(self, field: PasswordField) -> None:
        if fault := passwords.fault(field.data or "", *self.about):
            raise ValidationError(fault)


class OwnPasswordForm(NewPasswordForm):
    """The old password before the new one."""

    password = PasswordField("Present password", [InputRequired("Enter your present password.")])


class OwnAccountForm(FlaskForm):
    """What users tell about themselves."""

    name = StringField("Name", [DataRequired("Enter your name."), Length(max=200)])
    zone = StringField("Time zone", [DataRequired("Choose a time zone."), known_zone])


class HandoverForm(FlaskForm):
    """Who takes over what somebody has in hand."""

    receiver = SelectField("Hand it over to", [InputRequired("Choose who takes it over.")], coerce=number_or_none)

    def __init__(self, receivers: Iterable[User]) -> None:
        super().__init__()
        names = dict(members.names())
        people = [(user, names.get(user.organization_id or 0, "the coalition")) for user in receivers]
        given = [SelectChoice(user.id, f"{user.name}, {home}" if names else user.name) for user, home in people]
        self.receiver.choices = [SelectChoice("", "Choose somebody"), *given]


def organization_choices() -> list[SelectChoice]:
    """Return the coalition and its members; a user belongs to one of them."""
    return [
        SelectChoice("", "The coalition"),
        *(SelectChoice(str(number), name) for number, name in members.names()),
    ]


class InviteForm(FlaskForm):
    """Somebody new on the staff."""

    name = StringField("Name", [DataRequired("Enter a name."), Length(max=200)])
    email = EmailField("E-mail", [InputRequired("Enter an e-mail address."), normal_address])
    role = SelectField("Role", choices=[SelectChoice(*item) for item in ROLE_LABELS.items()], default="organizer")
    organization_id = SelectField("Belongs to", coerce=number_or_none)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_id.choices = organization_choices()


class RoleForm(FlaskForm):
    """Another role for a user."""

    role = SelectField("Role", choices=[SelectChoice(role, role.capitalize()) for role in ROLES])


class OrganizationForm(FlaskForm):
    """Another organization for a user."""

    organization_id = SelectField("Belongs to", coerce=number_or_none)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_id.choices = organization_choices()
