"""Forms of influencers, asks and interactions."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    DecimalField,
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    TimeField,
    URLField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.base.forms import ValuesForm, VersionedForm, number_or_none, sensible_year
from crm.base.web_links import web_link
from crm.campaigns.forms import Day, offered
from crm.contacts import addresses
from crm.contacts.forgetting.forms import not_forgotten
from crm.influencers import directory
from crm.influencers.access import OPENNESS, SEEN_BY
from crm.influencers.approaches import NO_APPROACH, Approach, keys
from crm.influencers.asks import CATEGORIES, LOBBYING, UNITS
from crm.influencers.directory import Choices
from crm.influencers.interactions import KINDS
from crm.influencers.models import Ask
from crm.influencers.profiles import OF_CONTACT, SECTORS
from crm.influencers.stages.forms import StageField

SEEN_BY_DEFAULT = "Asks for resources: our own staff; others: all members"


class Money(DecimalField):
    """An amount that says how it is written where it was not understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.replace(",", "").strip() for value in valuelist])
        except ValueError as error:
            raise ValueError("Give a plain number, for example 25000.") from error


class TimeOfDay(TimeField):
    """A time of day that says how it is written where it was not understood."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Give the time as hours and minutes, for example 14:30.") from error


def normal_address(form: Form, field: Field) -> None:
    """Validator: nothing, or an e-mail address, put into its normal form."""
    try:
        field.data = addresses.normalize(field.data) if (field.data or "").strip() else None
    except addresses.BadAddress as error:
        raise ValidationError(f"Enter an e-mail address like name@example.org, or none. {error}") from error


def member_choices(label: str) -> Choices:
    """Return the member organizations as choices; the staff of a member get their own alone."""
    own = current_user.organization_id
    return [(str(number), label.format(name)) for number, name in directory.members() if own in (None, number)]


class ProfileForm(VersionedForm):
    """Facts of an influencer and of the person."""

    first_name = StringField("First name", [Length(max=200)])
    last_name = StringField("Last name", [DataRequired("Give the last name."), Length(max=200)])
    organization_name = StringField("Organization", [Length(max=200)])
    role = StringField("Role", [Length(max=200)])
    sector = SelectField("Sector")
    owner_id = SelectField("Owner", coerce=number_or_none)
    backup_owner_id = SelectField("Backup owner", coerce=number_or_none)
    organization_id = SelectField("Seen by", coerce=number_or_none)
    influence = SelectField("Influence", coerce=number_or_none)
    interest = SelectField("Interest", coerce=number_or_none)
    body = StringField("Body", [Length(max=200)])
    office = StringField("Office", [Length(max=200)])
    state = StringField("State", [Length(max=32)])
    district = StringField("District", [Length(max=32)])
    phone = TelField("Phone", [Length(max=32)])
    website = URLField("Website", [Length(max=2000), web_link])
    web_form = URLField("Web form", [Length(max=2000), web_link])
    languages = StringField("Languages", [Length(max=200)])
    assistant_name = StringField("Assistant", [Length(max=200)])
    assistant_contact = StringField("Assistant’s contact", [Length(max=200)])
    noticed_on = Day("Notice given", [Optional(), sensible_year])
    notes = TextAreaField("Notes", [Length(max=20000)])
    basis = TextAreaField("Where this is from", [Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scores: Choices = [("", "Not said"), ("1", "1: little"), *((n, n) for n in "234"), ("5", "5: much")]
        self.sector.choices = offered([("", "Not said"), *SECTORS.items()])
        self.owner_id.choices = self.backup_owner_id.choices = offered(directory.staff("Nobody"))
        self.organization_id.choices = offered(
            [("", "All members of the coalition"), *member_choices("The coalition and {}")]
        )
        self.influence.choices = self.interest.choices = offered(scores)


class NewInfluencerForm(ProfileForm):
    """The same for somebody new, or for a contact that there is."""

    email = EmailField("E-mail", [Length(max=254), normal_address, not_forgotten])
    stage = StageField("Stage")
    contact_id = HiddenField()

    def person(self) -> dict[str, str]:
        """Return the names that were typed."""
        return {name: value for name, value in self.values().items() if name in OF_CONTACT}

    def profile(self) -> dict[str, Any]:
        """Return the facts that were typed."""
        others = OF_CONTACT | {"email", "contact_id"}
        return {name: value for name, value in self.values().items() if name not in others}


class ReleaseForm(FlaskForm):
    """Why bulk mail may reach the influencer."""

    reason = StringField("Why may bulk mail reach this person?", [DataRequired("Say why."), Length(max=2000)])


class AskForm(VersionedForm):
    """One specific request."""

    title = StringField(
        "What exactly do we ask for?", [DataRequired("Say what exactly is asked for."), Length(max=200)]
    )
    category = RadioField("What it brings", [DataRequired("Choose one.")], choices=offered(CATEGORIES.items()))
    detail = TextAreaField("Detail", [Length(max=20000)])
    talking_points = TextAreaField("Talking points", [Length(max=3000)])
    owner_id = SelectField("Owner", coerce=number_or_none)
    due_on = Day("Due date", [Optional(), sensible_year])
    campaign_id = SelectField("Campaign", coerce=number_or_none)
    value = Money("Value", [Optional(), NumberRange(0, 999_999_999_999, "Give a number from 0 to 999,999,999,999.")])
    unit = SelectField("What the value counts", choices=offered([("", "Not said"), *UNITS.items()]))
    lobbying = SelectField("Lobbying", choices=offered([("", "Not said"), *LOBBYING.items()]), default="")
    bill = StringField("Bill", [Length(max=200)])
    paid_by_id = SelectField("Paid by", coerce=number_or_none)
    hours = Money("Hours", [Optional(), NumberRange(0, 99_999, "Give a number from 0 to 99,999.")])
    cost = Money(
        "Cost in US dollars", [Optional(), NumberRange(0, 999_999_999, "Give a number from 0 to 999,999,999.")]
    )
    seen_by = SelectField("Who sees it", choices=offered([("", SEEN_BY_DEFAULT), *SEEN_BY.items()]))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner_id.choices = offered(directory.staff("Nobody"))
        self.campaign_id.choices = offered(directory.campaigns("None"))
        self.paid_by_id.choices = offered(directory.organizations("Nobody, or not said"))
        if not directory.members():
            del self.seen_by


class AskEditForm(AskForm):
    """The same for an ask that was made already: with what came of it."""

    outcome = TextAreaField("Outcome", [Length(max=20000)])
    evidence_url = URLField("Evidence", [Length(max=2000), web_link])

    def __init__(self, ask: Ask) -> None:
        super().__init__(obj=ask)
        if "seen_by" in self and ask.organization_id == current_user.organization_id:
            self.seen_by.choices = offered(SEEN_BY.items())
        elif "seen_by" in self:
            del self.seen_by


class StepForm(VersionedForm):
    """One step of an ask."""

    reason = StringField("Reason", [Length(max=2000)])
    outcome = TextAreaField("Outcome", [Length(max=20000)])
    evidence_url = URLField("Link that shows it", [Length(max=2000), web_link])
    file = FileField("Or a file that shows it")

    def values(self) -> dict[str, Any]:
        """Return what was typed; the file is taken apart."""
        return {name: value for name, value in super().values().items() if name != "file"}


class InteractionForm(ValuesForm):
    """What happened, and what comes next."""

    kind = RadioField("Kind", [DataRequired("Choose one.")], choices=offered(KINDS.items()), default="call")
    held_on = Day("Date", [InputRequired("Give the date."), sensible_year])
    summary = TextAreaField("What happened", [DataRequired("Say in a sentence what happened."), Length(max=20000)])
    next_step = StringField("Next step", [Length(max=200)])
    next_step_due = Day("Next step due", [Optional(), sensible_year])
    begins_at = TimeOfDay("Time", [Optional()])
    place = StringField("Place", [Length(max=200)])
    participants = TextAreaField("Who else took part", [Length(max=5000)])
    openness = SelectField("What other members learn of it", choices=offered(OPENNESS.items()), default="open")
    shown = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not directory.members():
            del self.openness

    @property
    def days(self) -> list[date]:
        """When the influencer was or will be approached, as typed."""
        held = [] if self.kind.data == NO_APPROACH else [self.held_on.data]
        due = self.next_step_due.data if "next_step_due" in self else None
        return [day for day in (*held, due) if day]

    def show_approaches(self, found: Collection[Approach]) -> bool:
        """Note which approaches the page shows; return whether any of them was not shown before."""
        before = set((self.shown.data or "").split(","))
        self.shown.data = ",".join(sorted(keys(found)))
        return not keys(found) <= before

    def values(self) -> dict[str, Any]:
        """Return what is to be kept, by the names of the fields."""
        return {"zone": current_user.zone} | {
            name: value for name, value in super().values().items() if name != "shown"
        }


class NoteForm(FlaskForm):
    """What only some may read."""

    text = TextAreaField("Note", [DataRequired("Write the note."), Length(max=20000)])
    readers = SelectField("Who may read it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = current_user.organization_id
        staff = [] if own else [("coalition", "The coalition’s own staff"), ("admins", "Admins of the coalition")]
        self.readers.choices = offered([*staff, *member_choices("Staff of {}")])

    def chosen(self) -> tuple[int | None, bool]:
        """Return the organization whose staff may read it (None: the coalition), and whether only its admins."""
        number = self.readers.data
        return (int(number) if number.isdigit() else None), number == "admins"
