"""Forms of offices, their holders and contacts, and of asks to hand over."""

from typing import Any

from flask_login import current_user
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.base.changes import Refused
from crm.base.forms import Boxes, ValuesForm, VersionedForm, row_number, sensible_year
from crm.base.web_links import web_link
from crm.campaigns.forms import Day, offered
from crm.influencers import finding
from crm.influencers.forms import normal_address
from crm.influencers.models import Influencer
from crm.influencers.offices.holdings import BY_HAND
from crm.influencers.offices.models import Holding, OfficeContact
from crm.influencers.offices.passing_on import DECISIONS
from crm.influencers.offices.staffing import ROLES


class OfficeForm(VersionedForm):
    """What an office is called, where it is, and how to reach it."""

    title = StringField("Name of the office", [DataRequired("Give the office a name."), Length(max=200)])
    body = StringField("Body", [Length(max=200)])
    state = StringField("State", [Length(max=32)])
    district = StringField("District", [Length(max=32)])
    address = StringField("Address", [Length(max=200)])
    phone = TelField("Phone", [Length(max=32)])
    website = URLField("Website", [Length(max=2000), web_link])
    web_form = URLField("Web form", [Length(max=2000), web_link])
    several = BooleanField("Several people may hold it at the same time")


class HolderForm(ValuesForm):
    """Who holds the office from now on, and who of its staff leaves with the one before."""

    who = StringField("New holder", [DataRequired("Give the name of an influencer."), Length(max=200)])
    which = RadioField("Who of these?", choices=[], validate_choice=False)
    since = Day("Since", [InputRequired("Give the day on which it began."), sensible_year])
    term_ends_on = Day("The term ends", [Optional(), sensible_year])
    ended = SelectField("What became of the one before", choices=offered(BY_HAND.items()))
    leaving = Boxes("Who of the staff leaves too", coerce=int)
    shown = HiddenField()

    def show(self, holders: list[Holding], contacts: list[OfficeContact]) -> None:
        """Offer the staff of the office, and note which holders the page shows."""
        works = [one for one in contacts if one.until is None]
        self.leaving.choices = [(one.id, f"{one.contact.name}, {ROLES[one.role].lower()}") for one in works]
        if not self.is_submitted():
            self.note(holders)

    def note(self, holders: list[Holding]) -> None:
        """Note which holders the page shows."""
        self.shown.data = ",".join(str(one.id) for one in holders)

    @property
    def seen(self) -> list[int]:
        """The holdings that the page showed."""
        return [number for number in map(row_number, (self.shown.data or "").split(",")) if number]

    def influencer(self) -> Influencer:
        """Return who was meant; raises Refused, and offers those whom the words fit where they fit several."""
        found = {str(one.id): one for one in finding.matching(self.who.data or "", current_user)}
        if not found:
            raise Refused("No influencer has this name. Add the person as an influencer first.", "who")
        if len(found) == 1:
            return next(iter(found.values()))
        self.which.choices = offered([(number, finding.described(one)) for number, one in found.items()])
        if self.which.data in found:
            return found[self.which.data]
        raise Refused("Several influencers have this name. Choose one, or give more of the name.", "which")


class HoldingForm(VersionedForm):
    """From when to when somebody holds an office, and how it ended."""

    since = Day("Since", [Optional(), sensible_year])
    term_ends_on = Day("The term ends", [Optional(), sensible_year])
    until = Day("Ended on", [Optional(), sensible_year])
    ended = SelectField("How it ended")

    def __init__(self, holding: Holding, ends: dict[str, str]) -> None:
        super().__init__(obj=holding)
        self.ended.choices = offered([("", "It lasts"), *ends.items()])


class OfficeContactForm(VersionedForm):
    """What somebody does in an office."""

    role = SelectField("Role", choices=offered(ROLES.items()))
    phone = TelField("Phone", [Length(max=32)])
    note = TextAreaField("Note", [Length(max=2000)])


class NewOfficeContactForm(OfficeContactForm):
    """The same, and who it is."""

    first_name = StringField("First name", [Length(max=200)])
    last_name = StringField("Last name", [DataRequired("Give the last name."), Length(max=200)])
    email = EmailField("E-mail", [Length(max=254), normal_address])

    def person(self) -> dict[str, str]:
        """Return the names that were typed."""
        return {name: self.values()[name] for name in ("first_name", "last_name")}

    def work(self) -> dict[str, Any]:
        """Return what the person does in the office."""
        return {name: self.values()[name] for name in ("role", "phone", "note")}


class DecisionForm(ValuesForm):
    """What becomes of the asks that are ticked."""

    decision = RadioField("The asks that are ticked", [DataRequired("Choose what becomes of them.")])
    reason = StringField("Remark", [Length(max=1000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = offered(DECISIONS.items())
