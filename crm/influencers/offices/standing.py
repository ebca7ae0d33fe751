"""Finding offices, and what a page shows of an office or of the offices of a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.words import searched
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat, Holding, Office, OfficeContact

NEAR = timedelta(days=60)
FILTERS = ("q", "state", "show")
SHOWS = {"held": "Held", "vacant": "Without a holder", "ending": "Term ends soon, or has ended"}


@dataclass
class Standing:
    """The offices of a person: present and former ones, who works in the present ones, and committee seats."""

    holdings: list[Holding] = field(default_factory=list)
    contacts: list[OfficeContact] = field(default_factory=list)
    seats: list[CommitteeSeat] = field(default_factory=list)

    @property
    def present(self) -> list[Holding]:
        return [one for one in self.holdings if one.until is None]

    @property
    def former(self) -> list[Holding]:
        return [one for one in self.holdings if one.until is not None]


def of(influencer: Influencer) -> Standing:
    """Return the offices and seats of the influencer, in one query."""
    works = and_(OfficeContact.office_id == Holding.office_id, OfficeContact.until.is_(None), Holding.until.is_(None))
    query = (
        select(Holding, Office, OfficeContact, Contact, CommitteeSeat)
        .select_from(Influencer)
        .outerjoin(Holding, Holding.influencer_id == Influencer.id)
        .outerjoin(Office, Office.id == Holding.office_id)
        .outerjoin(OfficeContact, works)
        .outerjoin(Contact, Contact.id == OfficeContact.contact_id)
        .outerjoin(CommitteeSeat, CommitteeSeat.influencer_id == Influencer.id)
        .where(Influencer.id == influencer.id)
        .order_by(Holding.id.desc(), OfficeContact.id, CommitteeSeat.code, CommitteeSeat.id)
    )
    rows = db.session.execute(query).all()
    # Each row has one of each kind, so that all of them come in one query.
    kinds = [[one for one in dict.fromkeys(column) if one] for column in zip(*rows, strict=True)]
    return Standing(holdings=kinds[0], contacts=kinds[2], seats=kinds[4])


def find(wanted: Mapping[str, str], user: User, today: date) -> Select[Office]:
    """Return the select of offices that match, by name; a holder is found by those who see the influencer."""
    query = select(Office).order_by(func.lower(Office.title), Office.id)
    for word in searched(wanted.get("q", "")):
        query = query.where(_matches(word, user))
    if state := wanted.get("state"):
        query = query.where(Office.state == state)
    held = _lasting(user)
    if wanted.get("show") == "held":
        query = query.where(held.exists())
    if wanted.get("show") == "vacant":
        query = query.where(~held.exists())
    if wanted.get("show") == "ending":
        query = query.where(held.where(Holding.term_ends_on <= today + NEAR).exists())
    return query


def holders(office_ids: Collection[int], user: User | None) -> dict[int, list[Holding]]:
    """Return by office who holds it now, as far as the user sees them, who came last first."""
    query = select(Holding).join(Holding.influencer).where(Holding.office_id.in_(office_ids), Holding.until.is_(None))
    query = query.where(access.influencers(user)).options(joinedload(Holding.influencer).joinedload(Influencer.contact))
    found: dict[int, list[Holding]] = {}
    for one in db.session.scalars(query.order_by(Holding.since.desc().nulls_last(), Holding.id.desc())):
        found.setdefault(one.office_id, []).append(one)
    return found


def ever(office: Office, user: User) -> list[Holding]:
    """Return who holds the office and who held it, as far as the user sees, the latest first."""
    query = select(Holding).join(Holding.influencer).where(Holding.office_id == office.id, access.influencers(user))
    query = query.options(joinedload(Holding.influencer).joinedload(Influencer.contact))
    order = (Holding.until.is_not(None), Holding.until.desc(), Holding.since.desc(), Holding.id.desc())
    return list(db.session.scalars(query.order_by(*order)))


def ending(user: User, today: date) -> tuple[int, int, date | None]:
    """Return how many terms end within 60 days and how many have ended, of holders the user sees, and the next day."""
    query = select(Holding.term_ends_on, func.count().label("number")).join(Holding.influencer)
    query = query.where(Holding.until.is_(None), Holding.term_ends_on <= today + NEAR, access.influencers(user))
    rows = [(row.term_ends_on, row.number) for row in db.session.execute(query.group_by(Holding.term_ends_on))]
    soon = [(day, number) for day, number in rows if day >= today]
    over = sum(number for day, number in rows if day < today)
    return sum(number for _, number in soon), over, min((day for day, _ in soon), default=None)


def is_near(holding: Holding, today: date) -> bool:
    """Tell whether the term of a holding that lasts ends within 60 days, or has ended."""
    day = holding.term_ends_on
    return holding.until is None and day is not None and day <= today + NEAR


def states() -> list[str]:
    """Return the states that offices are in."""
    return list(db.session.scalars(select(Office.state).where(Office.state != "").distinct().order_by(Office.state)))


def _matches(word: str, user: User) -> ColumnElement[bool]:
    names = (Contact.first_name, Contact.last_name)
    held = _lasting(user).join(Contact, Contact.id == Influencer.contact_id)
    held = held.where(or_(*(name.icontains(word, autoescape=True) for name in names)))
    columns = (Office.title, Office.body)
    return or_(*(column.icontains(word, autoescape=True) for column in columns), held.exists())


def _lasting(user: User) -> Select[Any]:
    query = select(Holding.id).join(Influencer, Influencer.id == Holding.influencer_id)
    return query.where(Holding.office_id == Office.id, Holding.until.is_(None), access.influencers(user))
