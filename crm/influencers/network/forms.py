"""Forms of who knows whom."""

from typing import Any

from flask_login import current_user
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.base.changes import Refused
from crm.base.forms import VersionedForm, sensible_year
from crm.campaigns.forms import Day, offered
from crm.contacts.models import Contact
from crm.influencers import directory
from crm.influencers.access import SEEN_BY
from crm.influencers.network import knowers
from crm.influencers.network.acquaintances import KINDS, STRENGTHS, Knower

WHO = ("knower", "contact", "which")


class AcquaintanceForm(VersionedForm):
    """How two know each other."""

    strength = SelectField(
        "How well",
        [InputRequired("Say how well.")],
        coerce=int,
        choices=[SelectChoice(number, f"{number}: {words}") for number, words in STRENGTHS.items()],
        default=3,
    )
    kind = SelectField("How they know each other", choices=offered(KINDS.items()))
    last_contact_on = Day("Last in touch", [Optional(), sensible_year])
    remark = TextAreaField("Remark", [Length(max=2000)])
    seen_by = SelectField("Who sees it", choices=offered(reversed(SEEN_BY.items())), default="own")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not directory.members():
            del self.seen_by


class KnowForm(AcquaintanceForm):
    """The same, and who it is that knows somebody."""

    knower = SelectField("Who knows them", [DataRequired("Choose who knows them.")])
    contact = StringField("Name or e-mail of the contact", [Length(max=254)])
    which = RadioField("Who of these?", choices=[], validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        me = str(current_user.id)
        others = [(f"user:{number}", name) for number, name in directory.staff("")[1:] if number != me]
        joined = [(f"organization:{number}", name) for number, name in directory.members()]
        first = [(knowers.SOMEBODY, "A contact, named in the next field"), (knowers.ME, "I myself")]
        self.knower.choices = offered([*first, *joined, *others])

    def facts(self) -> dict[str, Any]:
        """Return how they know each other, by the names of the fields."""
        return {name: value for name, value in self.values().items() if name not in WHO}

    def who(self) -> Knower:
        """Return who was meant; raises Refused, and offers those whom the words fit where they fit several."""
        words = (self.contact.data or "").strip()
        if self.knower.data == knowers.SOMEBODY:
            return Knower(contact=self._one_of(words))
        if words:
            raise Refused("Choose “A contact” in the field before, or leave this empty.", "contact")
        return knowers.chosen(self.knower.data or "", current_user)

    def _one_of(self, words: str) -> Contact:
        if not words:
            raise Refused("Give the name or the e-mail address of who knows them.", "contact")
        found = {str(contact.id): contact for contact in knowers.named(words)}
        if not found:
            raise Refused("Nobody on record has this name or address. Add the person under People first.", "contact")
        if len(found) == 1:
            return next(iter(found.values()))
        self.which.choices = offered([(number, _described(contact)) for number, contact in found.items()])
        if self.which.data in found:
            return found[self.which.data]
        more = "Several people have this name. Choose one, or give more of the name."
        raise Refused(more, "which")


def _described(contact: Contact) -> str:
    return ", ".join(filter(None, (contact.name, contact.organization_name, contact.email, contact.city)))
