"""How two versions of a mailing are compared."""

from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.base.forms import ValuesForm
from crm.mailings.comparing import sizes
from crm.mailings.comparing.models import ACTIONS, CLICKS, MailingComparison
from crm.mailings.comparing.pairing import HOURS
from crm.organizations.forms import sender_field

BY = {CLICKS: "The people who click", ACTIONS: "The people who act: sign, sign up, come, download"}
HOW = {"yes": "Then the rest get the better one by itself", "no": "Then I choose"}


class ComparisonForm(ValuesForm):
    """Among how many, for how long, and who decides."""

    share = SelectField("Among", coerce=int)
    hours = SelectField("Wait", coerce=int, choices=[SelectChoice(n, f"{n} hours") for n in HOURS], default=24)
    by = RadioField("The better one is told by", choices=[SelectChoice(*one) for one in BY.items()], default=CLICKS)
    automatic = RadioField("When the time is over", choices=[SelectChoice(*one) for one in HOW.items()], default="yes")
    sender_name = sender_field("Sender of version B", Optional(), longest=100)

    def __init__(self, comparison: MailingComparison, recipients: int) -> None:
        known = {name: getattr(comparison, name) for name in ("share", "hours", "by", "sender_name")}
        super().__init__(data=known | {"automatic": "yes" if comparison.automatic else "no"})
        offered = sizes.shares(recipients)
        self.share.choices = [SelectChoice(share, f"{share} % of the people") for share in offered]

    def values(self) -> dict[str, object]:
        """Return what was chosen as columns of a comparison."""
        values = super().values()
        return values | {"automatic": values["automatic"] == "yes"}
