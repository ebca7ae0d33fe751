"""What is known of the clicks on a mailing: how many, of how many people, on what, when, and how many were robots'."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Mapped

from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import MailingClick, PersonalClick


@dataclass(frozen=True)
class LinkClicks:
    """One link: clicks of people, people (each counted once a day), clicks of robots, and who of them is known."""

    id: int
    number: int
    url: str
    clicks: int = 0
    visitors: int = 0
    robots: int = 0
    known: int = 0


@dataclass(frozen=True)
class Clicks:
    """All links of a mailing together; `total` and `unique` are people's. A person counts once a day.

    `known` are the people who agreed to be seen. `hours` gives people and clicks of each hour (or month, once the
    mailing was a month old), and `texts` those of each language and variant, where there are any.
    """

    total: int = 0
    unique: int = 0
    robots: int = 0
    known: int = 0
    links: list[LinkClicks] = field(default_factory=list)
    hours: list[tuple[datetime, int, int]] = field(default_factory=list)
    texts: list[tuple[tuple[str, str], int, int]] = field(default_factory=list)


def of(mailing: Mailing) -> Clicks:
    """Return the clicks on a mailing, with one entry for each of its links."""
    found = by_link(mailing)
    people = _of_people(mailing)
    both = (func.sum(MailingClick.newcomers), func.sum(MailingClick.clicks))
    hours = select(MailingClick.hour, *both).where(*people).group_by(MailingClick.hour).order_by(MailingClick.hour)
    which = (MailingClick.language, MailingClick.variant)
    said = select(*which, *both).where(*people).group_by(*which).order_by(*which)
    return Clicks(
        total=sum(link.clicks for link in found),
        unique=unique(mailing),
        robots=sum(link.robots for link in found),
        known=len(set(db.session.scalars(who(mailing).with_only_columns(PersonalClick.contact_id)))),
        links=found,
        hours=[(hour, int(people), int(clicks)) for hour, people, clicks in db.session.execute(hours) if clicks],
        texts=[
            ((code, of), int(people), int(clicks)) for code, of, people, clicks in db.session.execute(said) if clicks
        ],
    )


def unique(mailing: Mailing) -> int:
    """Return how many people clicked on a mailing, each counted once a day."""
    return int(db.session.scalar(select(func.sum(MailingClick.newcomers)).where(*_of_people(mailing))) or 0)


def by_link(mailing: Mailing) -> list[LinkClicks]:
    """Return the clicks on each link of a mailing, in the order of its links."""
    numbers = [func.coalesce(func.sum(case((MailingClick.robot == robot, column))), 0) for robot, column in _COUNTED]
    query = select(MailingLink.id, MailingLink.number, MailingLink.url, *numbers)
    query = query.outerjoin(MailingClick, MailingClick.link_id == MailingLink.id)
    query = query.where(MailingLink.mailing_id == mailing.id).group_by(MailingLink.id).order_by(MailingLink.number)
    known: dict[int, int] = dict(db.session.execute(_known(mailing)).all())
    return [
        LinkClicks(link_id, number, url, int(clicks), int(visitors), int(robots), known.get(link_id, 0))
        for link_id, number, url, clicks, visitors, robots in db.session.execute(query)
    ]


def totals(mailing_ids: Collection[int]) -> dict[int, int]:
    """Return how often people followed links of each of these mailings, by its id."""
    return _sums(mailing_ids, MailingClick.clicks)


def people_of(mailing_ids: Collection[int]) -> dict[int, int]:
    """Return how many people followed links of each of these mailings, each counted once a day, by its id."""
    return _sums(mailing_ids, MailingClick.newcomers)


def who(mailing: Mailing, number: int | None = None) -> Select[PersonalClick]:
    """Return the query of what those have followed who agreed to be seen, perhaps of one link alone, the last first."""
    query = select(PersonalClick).join(MailingLink, MailingLink.id == PersonalClick.link_id)
    query = query.where(MailingLink.mailing_id == mailing.id)
    query = query if number is None else query.where(MailingLink.number == number)
    return query.order_by(PersonalClick.last_at.desc(), PersonalClick.contact_id, PersonalClick.link_id)


def people(rows: Sequence[PersonalClick]) -> dict[int, Contact]:
    """Return who that is, by the ids of the contacts."""
    ids = {row.contact_id for row in rows}
    return {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(ids)))}


def _sums(mailing_ids: Collection[int], column: Mapped[int]) -> dict[int, int]:
    query = select(MailingLink.mailing_id, func.sum(column))
    query = query.join(MailingClick, MailingClick.link_id == MailingLink.id)
    query = query.where(MailingLink.mailing_id.in_(mailing_ids), MailingClick.robot.is_(False))
    return {number: int(total) for number, total in db.session.execute(query.group_by(MailingLink.mailing_id))}


def _of_people(mailing: Mailing) -> tuple[ColumnElement[bool], ...]:
    here = MailingClick.link_id.in_(select(MailingLink.id).where(MailingLink.mailing_id == mailing.id))
    return here, MailingClick.robot.is_(False)


def _known(mailing: Mailing) -> Select[int, int]:
    query = select(PersonalClick.link_id, func.count()).join(MailingLink, MailingLink.id == PersonalClick.link_id)
    return query.where(MailingLink.mailing_id == mailing.id).group_by(PersonalClick.link_id)


_COUNTED = ((False, MailingClick.clicks), (False, MailingClick.visitors), (True, MailingClick.clicks))
