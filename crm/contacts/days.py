"""How often something was done on each day, by where people came from: what metrics of goals are made of."""

from collections import Counter
from datetime import date, datetime, timedelta
from math import gcd
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, cast, extract, func, select

from crm.base.columns import Long
from crm.base.registries import Days
from crm.contacts.models import Source
from crm.extensions import db
from crm.organizations import coalition

NO_SOURCE = "Unknown"
LABEL = func.coalesce(Source.label, NO_SOURCE)
"""What a source is called, of what is joined to its source if it has one."""
DAY = 86400  # seconds


def by_source(at: Any, source_id: Any, begin: datetime, end: datetime, *conditions: ColumnElement[bool]) -> Days:
    """Return the rows of a table between two moments under these conditions, counted by days of the coalition's zone.

    `at` and `source_id` are columns of it. The database need not know the zone: it counts by steps within a day.
    """
    zone, first = ZoneInfo(coalition.zone()), begin.replace(microsecond=0)
    seconds = _step(first, end, zone)
    step, member = (second_of(at) - int(first.timestamp())) // seconds, Source.organization_id
    query = select(step, LABEL, member, func.count()).select_from(at.class_)
    query = query.outerjoin(Source, Source.id == source_id).where(at >= begin, at < end, *conditions)
    found: Counter[tuple[date, str, int | None]] = Counter()
    for number, source, owner, times in db.session.execute(query.group_by(step, LABEL, member)):
        found[(first + timedelta(seconds=number * seconds)).astimezone(zone).date(), source, owner] += times
    return [(day, source, times, owner) for (day, source, owner), times in found.items()]


def second_of(at: Any) -> ColumnElement[int]:
    """Return the second in which a moment of that column is, counted since 1970 in UTC."""
    if db.engine.dialect.name == "postgresql":
        return cast(func.floor(extract("epoch", at)), Long)
    # Of the text alone that tells whole seconds: SQLite rounds, and would make the next day of the last of a day.
    return cast(func.strftime("%s", func.substr(at, 1, 19)), Long)


def _step(begin: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Return the longest step, in seconds, of which all days from one moment to the other consist.

    That is a day where clocks are not changed, an hour where they are, and half an hour on Lord Howe Island.
    """
    first = begin.astimezone(zone).date()
    midnights = (coalition.midnight(first + timedelta(days=n)) for n in range(1, (end - begin).days + 2))
    return gcd(*(int((one - begin).total_seconds()) for one in midnights if one < end)) or DAY
