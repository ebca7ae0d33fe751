"""Who would get two mailings on one day, and how many a week brings: told before a mailing is scheduled or moved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from crm.base import database
from crm.base.wall_clock import Planned
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.audience import AudienceGone
from crm.mailings.calendar import going
from crm.mailings.calendar.going import Going
from crm.mailings.models import Mailing

SHOWN = 2


@dataclass(frozen=True)
class Other:
    """Something else that goes on the same day, as a sentence names it, and how many get both."""

    key: str
    named: str
    both: int


@dataclass(frozen=True)
class Overlap:
    """What a mailing meets on that day, and in the week (from Sunday) that the day is in.

    `recipients` of it get `average` mailings in the week, this one included, the busiest of them `busiest`; `mailings`
    go in that week, this one included. Digests that are expected and steps of sequences, sent or expected, count as
    mailings. Of `untold`
    others it cannot be told whom they reach.
    """

    day: date
    zone: str
    recipients: int = 0
    others: Sequence[Other] = ()
    mailings: int = 1
    average: float = 1.0
    busiest: int = 1
    untold: int = 0

    @property
    def key(self) -> str:
        """What one has to have seen to go on in spite of it; "" where nothing overlaps."""
        found = ".".join(other.key for other in self.others)
        return f"{self.day.isoformat()}.{found}" if found else ""

    @property
    def sentences(self) -> list[str]:
        """What overlaps, the greatest part first: SHOWN mailings by name, the rest counted."""
        found = []
        for other in self.others[:SHOWN]:
            who = "1 person gets" if other.both == 1 else f"{other.both:,} people get"
            found.append(f"{who} both this and {other.named} on the same day.")
        more = len(self.others) - SHOWN
        if more > 0:
            found.append("1 more of that day overlaps." if more == 1 else f"{more} more of that day overlap.")
        return found


@dataclass(frozen=True)
class Counts:
    """How many get the mailing, how many copies of others they get in all, the most of one, and by `whom` how many."""

    recipients: int
    copies: int
    most: int
    both: Mapping[str, int]


class NotKnown(Exception):
    """People would get two mailings that day, and whoever schedules has not said that they know; `key` names it."""

    def __init__(self, overlap: Overlap) -> None:
        super().__init__(" ".join(overlap.sentences))
        self.key = overlap.key


def require_known(mailing: Mailing, planned: Planned, known: str) -> None:
    """Raise NotKnown where the mailing would overlap with others on that day, unless just this is what is known.

    Ends the caller's transaction: it counts in one that only reads.
    """
    mailing_id = mailing.id
    with database.looking():
        found = look(db.session.get_one(Mailing, mailing_id), day_of(planned), planned.zone)
    if found.key and found.key != known:
        raise NotKnown(found)


def day_of(planned: Planned) -> date:
    """Return the day on which it is planned, as the clocks of its own zone tell it."""
    return date.fromisoformat(planned.local[:10])


def look(mailing: Mailing, day: date, zone: str) -> Overlap:
    """Tell what the mailing would meet if it went on that day of the zone. Raises BadTime for an unknown zone."""
    week = going.beside(mailing, day, zone)
    told = [(one, one.gets) for one in week if one.gets is not None]
    untold = len(week) - len(told)
    try:
        counts = _count(mailing, told)
    except AudienceGone:
        return Overlap(day, zone, untold=untold)
    both: Counter[tuple[str, str]] = Counter()
    for one, _ in told:
        # A step may have been sent to some today, and be to come for others.
        both[one.key, one.named] += counts.both[one.whom] if one.that_day else 0
    others = [Other(*other, number) for other, number in both.most_common() if number]
    average = 1 + counts.copies / counts.recipients if counts.recipients else 1.0
    mailings = len({one.key for one in week}) + 1
    return Overlap(day, zone, counts.recipients, others, mailings, average, 1 + counts.most, untold)


def _count(mailing: Mailing, told: Sequence[tuple[Going, ColumnElement[bool]]]) -> Counts:
    """Count in one walk through the recipients, in how many of the other audiences each of them is.

    Most mailings of a week go to the same people, so each audience is asked for once.
    """
    weights = Counter(one.whom for one, _ in told)
    conditions = {one.whom: gets for one, gets in told}
    named = {whom: f"n{place}" for place, whom in enumerate(conditions)}
    flags = [case((condition, 1), else_=0).label(named[whom]) for whom, condition in conditions.items()]
    # Materialized, or SQLite would ask for each audience as often as its answer is used.
    each = select(Contact.id, *flags).where(audience.reaches(mailing)).cte("each").prefix_with("MATERIALIZED")
    copies: Any = sum((each.c[name] * weights[whom] for whom, name in named.items()), literal(0))
    totals = [func.count(), func.sum(copies), func.max(copies), *(func.sum(each.c[name]) for name in named.values())]
    recipients, all_copies, most, *numbers = db.session.execute(select(*totals).select_from(each)).one()
    both = {whom: count or 0 for whom, count in zip(named, numbers, strict=True)}
    return Counts(recipients, all_copies or 0, most or 0, both)
