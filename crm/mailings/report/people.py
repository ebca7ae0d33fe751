"""The numbers of a mailing, people first: each is of people, beside how often it happened, and of a hundred."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.reading.clicks import Clicks
from crm.mailings.report import acts, arrived, growth
from crm.mailings.report.acts import Done
from crm.mailings.report.arrived import Copies
from crm.mailings.report.growth import Growth

LABELS = {
    "delivered": "Delivered",
    "clicked": "Clicked",
    "acted": "Acted",
    "unsubscribed": "Unsubscribed",
    "complained": "Complained",
    "bounced": "Bounced",
    "held": "Held",
    "joined": "New supporters",
}
"""What the numbers of people are called, wherever they are told."""
RATES = {
    "delivered": "tried",
    "clicked": "delivered",
    "acted": "delivered",
    "unsubscribed": "delivered",
    "complained": "delivered",
    "bounced": "tried",
    "joined": "delivered",
}
"""What is told of a hundred, and of a hundred of what."""


@dataclass(frozen=True)
class Figures:
    """The numbers that are kept of a mailing; all but clicks and acts are of people."""

    tried: int
    delivered: int
    clicked: int
    clicks: int
    acted: int
    acts: int
    unsubscribed: int
    complained: int
    bounced: int
    held: int
    joined: int


@dataclass(frozen=True)
class Line:
    """One number: people, how often (None: as often as people), of a hundred of `of`, and what it means."""

    name: str
    label: str
    people: int
    times: int | None
    meaning: str
    rate: float | None = None
    part: bool = False


@dataclass(frozen=True)
class Report:
    """All that is counted of a mailing: its copies by message and together, clicks, what was done, whom it brought."""

    messages: dict[int, Copies]
    copies: Copies
    clicks: Clicks
    acted: Done
    kinds: list[Done]
    growth: Growth

    @property
    def figures(self) -> Figures:
        """The numbers that are kept."""
        copies = self.copies
        return Figures(
            tried=copies.tried,
            delivered=copies.delivered,
            clicked=self.clicks.unique,
            clicks=self.clicks.total,
            acted=self.acted.people,
            acts=self.acted.times,
            unsubscribed=copies.left,
            complained=copies.complained,
            bounced=copies.bounced,
            held=copies.states["uncertain"],
            joined=self.growth.total,
        )

    def lines(self) -> list[Line]:
        """Return the numbers in the order in which people ask for them."""
        it = self.figures
        rates = rates_of(asdict(it))
        done = [Line(kind.name, kind.label, kind.people, kind.times, "", part=True) for kind in self.kinds]
        lines = [
            _line("delivered", it.delivered, None, "A mail server took it, and sent nothing back."),
            _line("clicked", it.clicked, it.clicks, _clicked(self.clicks)),
            _line("acted", it.acted, it.acts, "Came by a link in it, and did what the page is for."),
            *(done if len(done) > 1 else []),
            _line("unsubscribed", it.unsubscribed, None, "Left its topic or all mail within a week."),
            _line("complained", it.complained, self.copies.complaints, "Marked it as spam."),
            _line("bounced", it.bounced, self.copies.bounces, "Refused at once, or sent back later."),
            _line("held", it.held, None, "The line broke before the answer: it may have arrived."),
            _line("joined", it.joined, None, "Confirmed sign-ups that it has brought, see Growth."),
        ]
        return [Line(**{**vars(line), "rate": rates.get(line.name)}) for line in lines]


def report(mailing: Mailing) -> Report:
    """Return what is counted of a mailing, as it is now."""
    messages = arrived.by_message(mailing)
    done, kinds = acts.of(mailing)
    together = arrived.together(messages.values())
    return Report(messages, together, clicks.of(mailing), done, kinds, growth.of(mailing))


def rates_of(numbers: Mapping[str, Any]) -> dict[str, float | None]:
    """Return what is told of a hundred, by its name; None where there is nothing to tell it of."""
    return {name: percent(numbers[name], numbers[of]) for name, of in RATES.items()}


def percent(number: int, of: int) -> float | None:
    """Return how many that are of a hundred, at most a hundred: people are counted once a day, and may come twice."""
    return min(100.0, 100 * number / of) if of else None


def _line(name: str, people: int, times: int | None, meaning: str) -> Line:
    return Line(name, LABELS[name], people, times, meaning)


def _clicked(found: Clicks) -> str:
    robots = f" Besides, robots clicked {found.robots:,} times." if found.robots else ""
    return f"Followed a link; counted once a day each.{robots}"
