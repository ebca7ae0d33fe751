"""The form of a position."""

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from crm.base.forms import ValuesForm, number_or_none, row_number
from crm.campaigns.forms import offered
from crm.influencers import directory
from crm.influencers.positions.models import Position
from crm.influencers.positions.stances import STANCES


class PositionForm(ValuesForm):
    """Where an influencer stands on a campaign, and what tells; `seen` are the versions of what the page showed."""

    campaign_id = SelectField("Campaign", [DataRequired("Choose the campaign.")], coerce=number_or_none)
    stance = SelectField("Position", choices=offered(STANCES.items()))
    reason = StringField("What tells", [Length(max=2000)])
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign_id.choices = offered(directory.campaigns("Choose a campaign"))

    def show(self, positions: Iterable[Position]) -> None:
        """Note which versions the page shows."""
        self.seen.data = ",".join(f"{one.campaign_id}:{one.version}" for one in positions)

    @property
    def opened_on(self) -> int:
        """The version that was seen of the position on the chosen campaign; 0 where there was none."""
        pairs = (pair.partition(":") for pair in (self.seen.data or "").split(","))
        seen = {campaign: row_number(version) for campaign, _, version in pairs}
        return seen.get(str(self.campaign_id.data), 0)

    def values(self) -> dict[str, Any]:
        """Return what is to be kept, by the names of the fields."""
        return {name: value for name, value in super().values().items() if name != "seen"}
