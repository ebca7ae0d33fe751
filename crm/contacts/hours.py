"""How often something was done in each hour, by where people came from: what metrics of goals are made of."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, extract, func, select

from crm.base.registries import Hours
from crm.contacts.models import Source
from crm.extensions import db

NO_SOURCE = "Unknown"


def by_source(at: Any, source_id: Any, *conditions: ColumnElement[bool]) -> Hours:
    """Return the rows of a table under these conditions, counted; `at` and `source_id` are columns of it."""
    hour, label, member = of(at), func.coalesce(Source.label, NO_SOURCE), Source.organization_id
    query = select(hour, label, func.count(), member).select_from(at.class_)
    query = query.outerjoin(Source, Source.id == source_id).where(*conditions).group_by(hour, label, member)
    rows = db.session.execute(query)
    return [(datetime.fromisoformat(text).replace(tzinfo=UTC), *counted) for text, *counted in rows]


def of(at: Any) -> ColumnElement[Any]:
    """Return the beginning of the hour in UTC that a moment of that column is in, as text such as 2026-11-30 14:00."""
    if db.engine.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24:00")
    return func.strftime("%Y-%m-%d %H:00", at)


def quarter_of(at: Any) -> ColumnElement[Any]:
    """Return which quarter of its hour in UTC a moment of that column is in, from 0 to 3.

    In some zones days begin within an hour of UTC, but in all of them with one of its quarters.
    """
    moment = func.timezone("UTC", at) if db.engine.dialect.name == "postgresql" else at
    return cast(extract("minute", moment), Integer) // 15
