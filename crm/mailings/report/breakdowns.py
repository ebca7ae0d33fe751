"""The numbers of a mailing by language, version and link."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from crm.base.locales import LANGUAGES
from crm.mailings.models import Mailing
from crm.mailings.reading.clicks import LinkClicks
from crm.mailings.reading.trails import Place
from crm.mailings.report import arrived, versions
from crm.mailings.report.arrived import Copies
from crm.mailings.report.people import Report, percent

People = dict[Place, set[Any]]


@dataclass(frozen=True)
class Row:
    """One row of a table: `key` names it in addresses; all numbers but clicks are of people."""

    key: str
    label: str
    delivered: int = 0
    clicked: int = 0
    clicks: int = 0
    acted: int = 0
    unsubscribed: int = 0
    bounced: int = 0
    complained: int = 0

    @property
    def rate(self) -> float | None:
        """How many clicked, of a hundred to whom it was delivered."""
        return percent(self.clicked, self.delivered)


@dataclass(frozen=True)
class LinkRow:
    """A link: what is known of its clicks, how many acted after following it, and its share of the most followed."""

    clicks: LinkClicks
    acted: int
    part: float


def by_language(mailing: Mailing, report: Report, people: People) -> list[Row]:
    """Return a row for each language in which somebody got it."""
    of = {one.message_id: one.language for one in mailing.messages}
    rows = _by_text(report, people, of, lambda said: said[0], lambda place: place.language)
    return [replace(row, label=LANGUAGES.get(row.key, row.key)) for row in rows]


def by_version(mailing: Mailing, report: Report, people: People) -> list[Row]:
    """Return a row for each of the two versions that were compared, or text of a step; none where there was one."""
    names = versions.labels(mailing)
    of = {one.message_id: versions.key(one.variant) for one in mailing.messages}
    rows = _by_text(report, people, of, lambda said: versions.key(said[1]), lambda place: versions.key(place.variant))
    labeled = [replace(row, label=names[row.key]) for row in rows] if len(names) > 1 else []
    return sorted(labeled, key=lambda row: list(names).index(row.key))


def by_link(report: Report, people: People) -> list[LinkRow]:
    """Return a row for each link, in their order."""
    most = max((link.visitors for link in report.clicks.links), default=0)
    acted = {link.number: _union(people, lambda place, n=link.number: place.link == n) for link in report.clicks.links}  # type: ignore[misc]
    return [LinkRow(link, acted[link.number], 100 * link.visitors / (most or 1)) for link in report.clicks.links]


def _by_text(
    report: Report,
    people: People,
    of: dict[int, str],
    of_clicks: Callable[[tuple[str, str]], str],
    of_place: Callable[[Place], str],
) -> list[Row]:
    rows = []
    for key in dict.fromkeys(of.values()):
        copies = arrived.together(report.messages[one] for one, named in of.items() if named == key)
        followed = [(who, clicks) for said, who, clicks in report.clicks.texts if of_clicks(said) == key]
        row = Row(key, key, clicked=sum(who for who, _ in followed), clicks=sum(clicks for _, clicks in followed))
        acted = _union(people, lambda place, key=key: of_place(place) == key)  # type: ignore[misc]
        rows.append(_with_copies(replace(row, acted=acted), copies))
    return sorted(rows, key=lambda row: -row.delivered)


def _with_copies(row: Row, copies: Copies) -> Row:
    return replace(
        row,
        delivered=copies.delivered,
        unsubscribed=copies.left,
        bounced=copies.bounced,
        complained=copies.complained,
    )


def _union(people: People, chosen: Callable[[Place], bool]) -> int:
    return len({one for place, who in people.items() if chosen(place) for one in who})
