"""The best ways to a person, told step by step.

A way is as strong as its weakest step. Of equally strong ones that with fewer steps comes first, then that with the
greater sum of strengths, then that on which somebody was in touch last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crm.accounts.models import User
from crm.contacts.models import Contact
from crm.influencers.network import acquaintances, walking
from crm.influencers.network.acquaintances import KINDS, STRENGTHS
from crm.influencers.network.models import Acquaintance

SHOWN = 5


@dataclass(frozen=True)
class Step:
    """One step of a way: who knows whom; `person` is the contact whom it leads to."""

    who: str
    person: Contact
    strength: int
    kind: str
    last_contact_on: date | None

    @property
    def verb(self) -> str:
        return "know" if self.who == "You" else "knows"

    @property
    def how_well(self) -> str:
        return STRENGTHS[self.strength]

    @property
    def kind_in_words(self) -> str:
        """How they know each other; "" where that was not said."""
        return "" if self.kind == "other" else KINDS[self.kind].lower()


@dataclass(frozen=True)
class Way:
    """From somebody of ours to the person, step by step."""

    steps: tuple[Step, ...]

    @property
    def strength(self) -> int:
        return min(step.strength for step in self.steps)


def best(person: Contact, user: User | None, most: int = SHOWN) -> list[Way]:
    """Return the best ways to the person through what the user may see, best first; none over who was forgotten.

    Where none of them begins with the user, the user's own best way is added at the end.
    """
    return with_acquaintances(person, user, most)[0]


def with_acquaintances(person: Contact, user: User | None, most: int = SHOWN) -> tuple[list[Way], list[Acquaintance]]:
    """Return the best ways, and the acquaintances of the person (see acquaintances.of), which are read together."""
    without: set[int] = set()
    while True:
        walked = walking.strongest(person.id, user, most, without)
        found = acquaintances.of(person, user, [number for way in walked for number in way])
        steps = [[found.by_id[number] for number in way] for way in walked]
        met = found.forgotten & {end for way in steps for row in way for end in (row.contact_id, row.knower_contact_id)}
        if person.id in met:
            return [], found.of_contact
        if not met:
            return [_told(way, user) for way in steps], found.of_contact
        without |= met


def _told(rows: Sequence[Acquaintance], user: User | None) -> Way:
    """Return the way as it is walked, from ours to the person."""
    knower = rows[0].knower
    who = "You" if user is not None and rows[0].knower_user_id == user.id else knower.name
    steps, at = [], 0
    for row in rows:
        other = row.knower_contact if row.contact_id == at else row.contact
        assert other, "only a first step begins with somebody who is no contact"
        steps.append(Step(who, other, row.strength, row.kind, row.last_contact_on))
        who, at = other.name, other.id
    return Way(tuple(steps))
