"""What segments can ask of the library, what sequences may begin with, and what goals count."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from crm.base.acted import Act, acted, came_by
from crm.base.activities import activities
from crm.base.forms import row_number
from crm.base.registries import Days, Metric, metrics
from crm.base.segment_fields import SegmentField, segment_fields
from crm.base.triggers import Trigger, triggers
from crm.contacts import days
from crm.contacts.segment_tests import among, is_or_not, of_last_row, of_number
from crm.extensions import db
from crm.resources.models import Download, Resource

GROUP = "Library"
OFFERED = 500
HELP = "People who gave their address for it, or came by a link in their mail. Who takes a free file stays unknown."


def register() -> None:
    """Offer them."""
    taken = select(Download.contact_id).where(Download.contact_id.is_not(None))
    took = SegmentField("Took resource", "choice", _took, _resources, HELP, group=GROUP, named=_named)
    segment_fields.add("downloaded", took)
    last = of_last_row(taken, Download.at)
    segment_fields.add("downloaded_last", SegmentField("Last took a resource", "date", last, help=HELP, group=GROUP))
    number = of_number(taken)
    segment_fields.add("downloads", SegmentField("Resources taken", "number", number, help=HELP, group=GROUP))
    triggers.add("downloaded", Trigger("Took the resource", _began, _resources, named=_named))
    metrics.add("downloads", Metric("Downloads", count, by_day))
    acted.add("downloads", Act("Downloaded", _by_sources))
    activities.add("downloads", _active)


def count(begin: datetime, end: datetime) -> int:
    """Return how many downloads there were between two moments."""
    query = select(func.count()).select_from(Download).where(Download.at >= begin, Download.at < end)
    return db.session.scalar(query) or 0


def by_day(begin: datetime, end: datetime) -> Days:
    """Return how many downloads there were, by day and source."""
    return days.by_source(Download.at, Download.source_id, begin, end)


def _took(test: str, value: str) -> ColumnElement[bool]:
    taken = select(Download.contact_id).where(Download.contact_id.is_not(None))
    return is_or_not(taken.where(Download.resource_id == row_number(value)), test)


def _resources() -> list[tuple[str, str]]:
    query = select(Resource).where(Resource.published_at.is_not(None)).order_by(Resource.published_at.desc())
    return [(str(one.id), one.name) for one in db.session.scalars(query.limit(OFFERED))]


def _named(value: str) -> str:
    resource = db.session.get(Resource, row_number(value))
    return resource.name if resource else ""


def _began(value: str, since: datetime) -> Any:
    query = select(Download.contact_id, func.min(Download.at)).where(Download.contact_id.is_not(None))
    return query.where(Download.resource_id == row_number(value), Download.at >= since).group_by(Download.contact_id)


def _active(since: datetime) -> ColumnElement[bool]:
    return among(select(Download.contact_id).where(Download.contact_id.is_not(None), Download.at >= since))


def _by_sources(sources: Any) -> Any:
    return select(Download.contact_id, Download.at).where(came_by(Download.source_id, sources))
