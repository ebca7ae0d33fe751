"""The form that logs quickly, with whomever."""

from typing import Any

from flask_login import current_user
from wtforms import RadioField, StringField
from wtforms.validators import Length

from crm.base.forms import row_or_none
from crm.campaigns.forms import offered
from crm.influencers import finding
from crm.influencers.forms import InteractionForm
from crm.influencers.models import Influencer


class QuickLogForm(InteractionForm):
    """What happened, and with whom: typed, and chosen where several are meant."""

    who = StringField("With whom", [Length(max=400)])
    influencer_id = RadioField("Which one?", choices=offered(()), coerce=row_or_none, validate_choice=False)

    def find(self) -> Influencer | None:
        """Return who is meant; None where that is not clear, and then the form asks."""
        typed = (self.who.data or "").strip()
        if self.who.errors:
            return None
        if named := finding.named(self.influencer_id.data, typed, current_user):
            return named
        found = finding.matching(typed, current_user)
        chosen = [one for one in found if one.id == self.influencer_id.data] or found
        if len(chosen) == 1:
            return chosen[0]
        if not typed:
            self.who.errors = ["Type the name of an influencer."]
        elif not found:
            self.who.errors = [f"No influencer matches “{typed}”. Type a part of the name, or add the person first."]
        else:
            self._ask(found)
        return None

    def values(self) -> dict[str, Any]:
        """Return what is to be kept, by the names of the fields."""
        return {name: value for name, value in super().values().items() if name not in ("who", "influencer_id")}

    def _ask(self, found: list[Influencer]) -> None:
        more = len(found) > finding.MATCHES
        named = [(str(one.id), finding.described(one)) for one in found[: finding.MATCHES]]
        self.influencer_id.choices = offered(named)
        number, else_type = ("More than " if more else "") + str(len(named)), ", or type more" if more else ""
        self.influencer_id.errors = [f"{number} influencers match. Choose one{else_type}."]
