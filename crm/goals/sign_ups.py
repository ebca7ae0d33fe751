"""The first metric: people who confirmed their sign-up."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from crm.base.registries import Hours
from crm.contacts import hours
from crm.contacts.models import Contact
from crm.extensions import db


def count(begin: datetime, end: datetime) -> int:
    """Return how many contacts confirmed between two moments."""
    query = select(func.count()).select_from(Contact).where(*_between(begin, end))
    return db.session.scalar(query) or 0


def by_hour(begin: datetime, end: datetime) -> Hours:
    """Return (beginning of the hour, label of the source, count) of the confirmations between two moments."""
    return hours.by_source(Contact.confirmed_at, Contact.source_id, *_between(begin, end))


def _between(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Contact.confirmed_at >= begin, Contact.confirmed_at < end)
