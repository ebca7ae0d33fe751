"""The form of a test."""

from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from crm.accounts.models import User
from crm.extensions import db
from crm.mailings.choosing.form import OfferedBoxes
from crm.mailings.staff import contact_at
from crm.mailings.trials import sending

TRIAL = "test-"  # Several forms stand on the page of the review, and each field needs an id of its own.


class TrialForm(FlaskForm):
    """To whom a test goes, as whom it is filled in, and what stands on top."""

    reviewers = OfferedBoxes("Reviewers", coerce=int)
    to = TextAreaField("Other addresses", [Length(max=3000, message="These are too many addresses.")])
    as_contact = StringField("As it looks for", [Optional()])
    note = TextAreaField("Note on top", [Optional(), Length(max=2000, message="Keep it under 2,000 characters.")])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(prefix=TRIAL, **kwargs)
        users = db.session.scalars(select(User).where(User.active).order_by(User.name, User.id)).all()
        self._addresses = {user.id: user.email for user in users if user.may("mailings.see")}
        self.reviewers.choices = [
            SelectChoice(user.id, user.name or user.email) for user in users if user.id in self._addresses
        ]

    def validate_to(self, field: TextAreaField) -> None:
        """Each must be an address, and there must be one in all."""
        try:
            typed = sending.split(field.data or "")
        except ValueError as bad:
            raise ValidationError(str(bad)) from bad
        if not typed and not self.reviewers.data:
            raise ValidationError("Choose a reviewer, or write an address.")

    def validate_as_contact(self, field: StringField) -> None:
        """Somebody must be there to fill it in for."""
        if (field.data or "").strip() and contact_at(field.data) is None:
            raise ValidationError("There is no contact of that address. Choose another one, or leave it empty.")

    def addresses(self) -> list[str]:
        """Return all to whom it goes."""
        return [self._addresses[one] for one in self.reviewers.data or []] + sending.split(self.to.data or "")
