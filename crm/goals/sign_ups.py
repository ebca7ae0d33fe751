"""The first metric: people who confirmed their sign-up."""

from datetime import datetime

from sqlalchemy import func, select

from crm.base.registries import Days
from crm.contacts import days
from crm.contacts.models import Contact
from crm.extensions import db


def count(begin: datetime, end: datetime) -> int:
    """Return how many contacts confirmed between two moments."""
    query = select(func.count()).select_from(Contact)
    query = query.where(Contact.confirmed_at >= begin, Contact.confirmed_at < end)
    return db.session.scalar(query) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many confirmed between two moments, by day and source."""
    return days.by_source(Contact.confirmed_at, Contact.source_id, begin, end)
