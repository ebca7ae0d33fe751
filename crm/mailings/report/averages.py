"""What is usual for a mailing of its kind: the median of those that were finished in the last twelve months.

The median, because a coalition sends few mailings, and one test to twelve people would bend a mean.
"""

import statistics
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from crm.base import clock
from crm.extensions import db
from crm.mailings import parts
from crm.mailings.models import Mailing
from crm.mailings.report.models import MailingFigures
from crm.mailings.report.people import RATES, rates_of

LOOKED_BACK = timedelta(days=365)
FEWEST = 3


@dataclass(frozen=True)
class Usual:
    """Of how many others it is told, and the median of each rate; nothing is said of fewer than three."""

    mailings: int
    medians: dict[str, float] = field(default_factory=dict)

    def compared(self, name: str, rate: float | None) -> str:
        """Return how a rate differs from what is usual, in points of a hundred; "" where nothing can be said."""
        if rate is None or name not in self.medians:
            return ""
        difference = round(rate, 1) - round(self.medians[name], 1)
        return "the same" if abs(difference) < 0.05 else f"{difference:+.1f}".replace("-", "−")


def of(mailing: Mailing) -> Usual:
    """Return what is usual for others of the kind of a mailing."""
    query = select(MailingFigures).join(Mailing, Mailing.id == MailingFigures.mailing_id)
    same = (Mailing.kind == mailing.kind, Mailing.id != mailing.id, Mailing.state == "finished")
    lately = Mailing.finished_at >= clock.now() - LOOKED_BACK
    query = query.where(*same, lately, MailingFigures.tried > 0, parts.stands_alone())
    found = [rates_of(vars(row)) for row in db.session.scalars(query)]
    if len(found) < FEWEST:
        return Usual(len(found))
    known = {name: [rate for one in found if (rate := one[name]) is not None] for name in RATES}
    return Usual(len(found), {name: statistics.median(rates) for name, rates in known.items() if rates})
