"""The first metric: people who confirmed their sign-up."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from crm.contacts.models import Contact, Source
from crm.extensions import db

NO_SOURCE = "Unknown"


def count(begin: datetime, end: datetime) -> int:
    """Return how many contacts confirmed between two moments."""
    query = select(func.count()).select_from(Contact).where(*_between(begin, end))
    return db.session.scalar(query) or 0


def by_hour(begin: datetime, end: datetime) -> list[tuple[datetime, str, int]]:
    """Return (beginning of the hour, label of the source, count) of the confirmations between two moments."""
    hour = _hour()
    label = func.coalesce(Source.label, NO_SOURCE)
    query = select(hour, label, func.count()).select_from(Contact).outerjoin(Source).where(*_between(begin, end))
    rows = db.session.execute(query.group_by(hour, label))
    return [(datetime.fromisoformat(at).replace(tzinfo=UTC), source, number) for at, source, number in rows]


def _between(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Contact.confirmed_at >= begin, Contact.confirmed_at < end)


def _hour() -> ColumnElement[Any]:
    if db.engine.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Contact.confirmed_at), "YYYY-MM-DD HH24:00")
    return func.strftime("%Y-%m-%d %H:00", Contact.confirmed_at)
