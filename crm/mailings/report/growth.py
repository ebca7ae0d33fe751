"""Whom a mailing has brought: confirmed sign-ups by its links, by its public page, and by those who came so.

Each contact came by one source, so that nobody counts twice, here or toward a goal.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, or_, select, union_all

from crm.base.acted import acted
from crm.contacts import sources
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import Contact, Source
from crm.extensions import db
from crm.goals import progress
from crm.goals.models import Goal
from crm.mailings.archive import archiving
from crm.mailings.models import Mailing
from crm.mailings.reading import trails
from crm.mailings.report import beginning
from crm.organizations import coalition

LINKS, PAGE, ONWARD = "links", "page", "onward"
WAYS = {
    LINKS: "By a link in it",
    PAGE: "By its public page, or that page passed on",
    ONWARD: "By the share link of somebody who came so",
}
METRIC = "confirmed_sign_ups"


@dataclass(frozen=True)
class Part:
    """What a mailing has brought toward a goal: so many of all that are counted, of the target."""

    goal: Goal
    number: int
    counted: int


@dataclass(frozen=True)
class Growth:
    """The moments at which those confirmed who came by each way."""

    ways: dict[str, list[datetime]]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(map(len, self.ways.values()))

    def by_day(self) -> list[tuple[date, list[int]]]:
        """Return how many there were by each way on each day on which there were some, in the coalition's zone."""
        zone = ZoneInfo(coalition.zone())
        days = {way: Counter(at.astimezone(zone).date() for at in moments) for way, moments in self.ways.items()}
        return [
            (day, [days[way][day] for way in WAYS]) for day in sorted({day for one in days.values() for day in one})
        ]


def of(mailing: Mailing) -> Growth:
    """Return whom a mailing has brought."""
    return Growth({way: [row.at for row in db.session.execute(who(mailing, way))] for way in WAYS})


def number(mailing: Mailing) -> int:
    """Return how many people a mailing has brought."""
    came = union_all(*(who(mailing, way).order_by(None) for way in WAYS)).subquery()
    return db.session.scalar(select(func.count()).select_from(came)) or 0


def who(mailing: Mailing, way: str) -> Select[int, datetime | None]:
    """Return the select of (contact id, moment) of those who came that way."""
    mine, page = trails.sources([mailing.id]), _page(mailing)
    if way == LINKS:
        return sources.signed_up(mine)
    if way == PAGE:
        return sources.signed_up(page)
    came = select(Contact.id).where(Contact.confirmed_at.is_not(None))
    came = came.where(Contact.source_id.in_(mine) | Contact.source_id.in_(page))
    codes = union_all(
        select(Contact.share_code).where(Contact.id.in_(came)),
        select(MergedContact.share_code).where(MergedContact.contact_id.in_(came)),
    )
    theirs = select(Source.id).where(Source.kind == "supporter", Source.code.in_(codes))
    return sources.signed_up(theirs.where(Source.id.not_in(mine), Source.id.not_in(page)))


def toward_goals(mailing: Mailing, growth: Growth) -> list[Part]:
    """Return what a mailing has brought toward each goal that runs after it went out, the one that ends last first."""
    found, since = [], beginning.of(mailing)
    for goal in progress.everything():
        begin, end = progress.span(goal)
        if since is not None and since < end and goal.metric in acted:
            at = [moment for moments in growth.ways.values() for moment in moments]
            number = (
                sum(begin <= moment < end for moment in at) if goal.metric == METRIC else len(toward(mailing, goal))
            )
            found.append(Part(goal, number, progress.counted(goal)))
    return found


def toward(mailing: Mailing, goal: Goal) -> list[datetime]:
    """Return the moments at which people who came by a link did what counts toward a goal."""
    begin, end = progress.span(goal)
    rows = db.session.execute(acted[goal.metric].who(trails.sources([mailing.id])))
    return [row[1] for row in rows if begin <= row[1] < end]


def _page(mailing: Mailing) -> Select[int]:
    slug = archiving.place_of(mailing).slug
    credited = or_(Source.utm_campaign == slug, Source.utm_content == slug)
    return select(Source.id).where(credited, Source.id.not_in(trails.sources([mailing.id])))
