"""The report of downloads: how many, and by resource, source, mailing, organization and language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from crm.base import clock
from crm.contacts.models import Contact, Source
from crm.extensions import db
from crm.resources.models import Download, Resource

PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 12 months", "": "All time"}
MOST_LINES = 50
SHOWN = 200  # choices of a filter


@dataclass(frozen=True)
class Line:
    """One line of a table: what it is, and how many downloads by how many people who are known."""

    key: str
    label: str
    downloads: int
    people: int


@dataclass(frozen=True)
class Asked:
    """Which downloads: of one resource (None: all), in the last so many days ("" for all), of one source, by whom."""

    resource_id: int | None = None
    days: str = ""
    source_id: int | None = None
    organization: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions over downloads joined with their contacts."""
        found: list[ColumnElement[bool]] = [true()]
        if self.resource_id:
            found.append(Download.resource_id == self.resource_id)
        if since := self.since():
            found.append(Download.at >= since)
        if self.source_id:
            found.append(Download.source_id == self.source_id)
        if self.organization:
            found.append(func.lower(Contact.organization_name) == self.organization.lower())
        return found

    def since(self) -> datetime | None:
        """Return since when; None: since ever."""
        return clock.now() - timedelta(days=int(self.days)) if self.days in PERIODS and self.days else None


def total(asked: Asked) -> Line:
    """Return the downloads and people in all."""
    row = db.session.execute(_of(asked, *_counts())).one()
    return Line("", "All", row.downloads, row.people)


def by_resource(asked: Asked) -> list[Line]:
    """Return the lines of the resources, what was taken most first."""
    query = _of(asked, Resource.id.label("key"), *_counts()).join(Resource, Resource.id == Download.resource_id)
    rows = _lines(query.group_by(Resource.id))
    names = {
        one.id: one.name for one in db.session.scalars(select(Resource).where(Resource.id.in_([r.key for r in rows])))
    }
    return [Line(str(row.key), names[row.key], row.downloads, row.people) for row in rows]


def by_source(asked: Asked, *, mailings: bool) -> list[Line]:
    """Return the lines of the sources that are mailings, or of all others."""
    query = _of(asked, Source.id.label("key"), Source.label, *_counts()).join(Source, Source.id == Download.source_id)
    of_mailing = Source.kind == "mailing"
    query = query.where(of_mailing if mailings else ~of_mailing).group_by(Source.id, Source.label)
    return [Line(str(row.key), row.label, row.downloads, row.people) for row in _lines(query)]


def by_organization(asked: Asked) -> list[Line]:
    """Return the lines of the organizations that known people gave, by their names without upper and lower case."""
    name = func.lower(Contact.organization_name)
    query = _of(asked, name.label("key"), func.min(Contact.organization_name).label("label"), *_counts())
    query = query.where(Contact.organization_name != "").group_by(name)
    return [Line(row.key, row.label, row.downloads, row.people) for row in _lines(query)]


def people(asked: Asked) -> Select[Download]:
    """Return the query of the downloads of known people, the latest first."""
    query = select(Download).join(Contact, Contact.id == Download.contact_id).where(and_(*asked.conditions()))
    return query.order_by(Download.at.desc(), Download.id.desc())


def offered() -> Sequence[tuple[int, str]]:
    """Return the resources that may be asked for."""
    query = (
        select(Resource).where(Resource.published_at.is_not(None)).order_by(Resource.published_on.desc()).limit(SHOWN)
    )
    return [(one.id, one.name) for one in db.session.scalars(query)]


def _counts() -> tuple[Any, Any]:
    return func.count(Download.id).label("downloads"), func.count(Download.contact_id.distinct()).label("people")


def _of(asked: Asked, *columns: Any) -> Select[Any]:
    query = select(*columns).select_from(Download).outerjoin(Contact, Contact.id == Download.contact_id)
    return query.where(and_(*asked.conditions()))


def _lines(query: Select[Any]) -> Sequence[Any]:
    return db.session.execute(query.order_by(func.count(Download.id).desc()).limit(MOST_LINES)).all()
