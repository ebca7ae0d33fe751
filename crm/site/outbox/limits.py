"""Limits an hour and warm-ups as staff set them: in words, on record, and never over somebody else's change unseen."""

from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from crm.base import audit, clock
from crm.delivery import pace, rates
from crm.delivery.addresses import BadAddress, wire_form
from crm.delivery.models import SendingLimit
from crm.extensions import db

MOST = 100_000_000
SCOPES = {rates.ALL: "All mail", rates.SENDER: "Mail from one address", rates.DOMAIN: "Mail to one domain"}
NUMBER = [InputRequired("Enter a whole number."), NumberRange(1, MOST, f"Enter a number from 1 to {MOST:,}.")]
NONE = "none"
FIRST_PLAN = {"first_day": 50, "enough": 50_000}  # What a form of a warm-up suggests.


class Changed(Exception):
    """Somebody else changed it after the page was opened; the message says to what."""

    def __init__(self, message: str, now: str) -> None:
        super().__init__(message)
        self.now = now


class LimitForm(FlaskForm):
    """A limit an hour; without a number it is lifted. `was`: what stood there when the page was opened."""

    scope = SelectField("What it limits", choices=[SelectChoice(*item) for item in SCOPES.items()])
    name = StringField("Address or domain", [Length(max=254)])
    per_hour = IntegerField(
        "Mails an hour",
        NUMBER,
    )
    was = HiddenField()

    def validate_name(self, field: StringField) -> None:
        """An address for a sender, a domain for recipients, nothing for all mail."""
        typed = (field.data or "").strip().lower()
        scope = self.scope.data
        if scope == rates.ALL and typed:
            raise ValidationError("A limit of all mail has no address. Leave this empty.")
        if scope == rates.SENDER:
            check_address(typed)
        if scope == rates.DOMAIN:
            check_domain(typed)
        field.data = typed


class WarmUpForm(FlaskForm):
    """A warm-up: so many on the first day, double each day, until a day allows enough."""

    domain = StringField("Sender’s domain", [InputRequired("Enter a domain."), Length(max=254)])
    first_day = IntegerField("Mails on the first day", NUMBER)
    enough = IntegerField("Mails a day when it is over", NUMBER)
    was = HiddenField()

    def validate_domain(self, field: StringField) -> None:
        field.data = (field.data or "").strip().lower()
        check_domain(field.data)

    def validate_enough(self, field: IntegerField) -> None:
        """A plan whose first day is enough limits nothing."""
        if self.first_day.data and field.data and field.data <= self.first_day.data:
            raise ValidationError("Enter more than on the first day.")


def check_address(typed: str) -> None:
    """Raise ValidationError for what is no address."""
    try:
        wire_form(typed)
    except BadAddress as error:
        raise ValidationError("Enter the sender’s address, such as news@coalition.example.") from error


def check_domain(typed: str) -> None:
    """Raise ValidationError for what is no domain."""
    try:
        wire_form(f"x@{typed}")
    except BadAddress as error:
        raise ValidationError("Enter a domain, such as mail.example.") from error
    if "." not in typed or "@" in typed:
        raise ValidationError("Enter a domain, such as mail.example.")


def set_limit(scope: str, name: str, per_hour: int | None, was: str) -> None:
    """Set a limit, or lift it (None). Raises Changed where it no longer is what it was."""
    query = select(SendingLimit).where(SendingLimit.scope == scope, SendingLimit.name == name)
    row = db.session.scalars(query.with_for_update()).first()
    now = str(row.per_hour) if row and row.per_hour else NONE
    if now != (was or NONE):
        words = f"{row.per_hour:,} mails an hour" if row and row.per_hour else "no limit"
        raise Changed(f"Somebody changed this after you opened the page. It is {words} now.", now)
    rates.limit(scope, name, per_hour)
    values: dict[str, Any] = {"per_hour": [row.per_hour if row else None, per_hour]}
    audit.record("limit" if per_hour else "lift", "sending_limit", name=f"{scope} {name}".strip(), **values)


def begin_warm_up(domain: str, first_day: int, enough: int, was: str) -> None:
    """Begin a warm-up today. Raises Changed where there is another by now."""
    now = _stamp(domain)
    if now != (was or NONE):
        words = "was ended" if now == NONE else "is under way"
        raise Changed(f"Somebody changed this after you opened the page: a warm-up of {domain} {words}.", now)
    rates.warm_up(domain, first_day, enough, clock.today())
    audit.record("begin", "warm_up", name=domain, first_day=first_day, enough=enough)


def end_warm_up(domain: str, was: str) -> None:
    """Let a domain send without a cap. Raises Changed where it is no longer the warm-up that was seen."""
    now = _stamp(domain)
    if now == NONE or now != was:
        raise Changed(f"Somebody changed the warm-up of {domain} after you opened the page. Look at it again.", now)
    rates.end_warm_up(domain)
    audit.record("end", "warm_up", name=domain)


def _stamp(domain: str) -> str:
    return next((plan.stamp for plan in pace.plans() if plan.domain == domain), NONE)
