"""The two-by-two chart: how many influencers there are by influence and interest, and what to do with each quarter."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import listing
from crm.influencers.models import Influencer

SCALE = (1, 2, 3, 4, 5)
QUARTERS = (
    ("high", "high", "Work together closely"),
    ("high", "low", "Win their interest"),
    ("low", "high", "Keep them informed and active"),
    ("low", "low", "Stay in touch at times"),
)


@dataclass(frozen=True)
class Quarter:
    """One of the four: high is 4 or 5, low is 1 to 3."""

    influence: str
    interest: str
    advice: str
    count: int


@dataclass(frozen=True)
class Chart:
    """The numbers by (influence, interest), by quarter, and of those whose influence or interest nobody said."""

    cells: dict[tuple[int, int], int]
    quarters: list[Quarter]
    no_influence: int
    no_interest: int

    @property
    def largest(self) -> int:
        return max(self.cells.values(), default=0)

    def weight(self, influence: int, interest: int) -> int:
        """Return how strongly a cell is drawn, from 0 (nobody) to 4 (most)."""
        number = self.cells.get((influence, interest), 0)
        return -(-4 * number // self.largest) if number else 0


def draw(wanted: Mapping[str, str], user: User | None = None) -> Chart:
    """Return the chart of those who match and whom the user sees, whatever scores are asked for."""
    filters = {name: value for name, value in wanted.items() if name not in listing.SCORES}
    query = listing.matching(filters, user).with_only_columns(Influencer.influence, Influencer.interest, func.count())
    rows = db.session.execute(query.group_by(Influencer.influence, Influencer.interest)).all()
    cells = {(influence, interest): number for influence, interest, number in rows if influence and interest}
    return Chart(
        cells,
        [Quarter(y, x, advice, _sum(cells, y, x)) for y, x, advice in QUARTERS],
        sum(number for influence, _, number in rows if not influence),
        sum(number for _, interest, number in rows if not interest),
    )


def _sum(cells: Mapping[tuple[int, int], int], influence: str, interest: str) -> int:
    ranges = {"high": listing.HIGH, "low": listing.LOW}
    return sum(cells.get((y, x), 0) for y in ranges[influence] for x in ranges[interest])
