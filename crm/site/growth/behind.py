"""The people behind a number of growth."""

from dataclasses import dataclass

from sqlalchemy import func, select

from crm.base.acted import acted
from crm.base.pages import Page, cut
from crm.contacts.models import Contact
from crm.extensions import db
from crm.site.growth import figures
from crm.site.growth.figures import Whose


@dataclass(frozen=True)
class Behind:
    """One page of who did it and when; `unknown`: how many times nobody knows by whom."""

    label: str
    page: Page
    unknown: int


def page(key: str, whose: Whose, days: int, number: int) -> Behind | None:
    """Return that page of who did something by these sources, the last first; None for what nobody counts."""
    query = figures.people(key, whose, days)
    if query is None:
        return None
    done = query.order_by(None).subquery()
    contact_id, at = done.c
    times = db.session.execute(select(func.count(contact_id), func.count())).one()
    total, unknown = int(times[0]), int(times[1] - times[0])
    people = select(Contact, at.label("at")).join(done, contact_id == Contact.id).order_by(at.desc(), Contact.id)
    found = cut(lambda start, stop: db.session.execute(people.slice(start, stop)).all(), total, number)
    return Behind(acted[key].label, found, unknown)
