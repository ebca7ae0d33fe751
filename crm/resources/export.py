"""The downloads as CSV and as a spreadsheet: the same rows in both, one a download, the oldest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from crm.base import tables
from crm.base.database import in_batches
from crm.base.sheets import Sheet
from crm.contacts.models import Contact, Source
from crm.resources.figures import Asked
from crm.resources.models import Download, Resource

COLUMNS = [
    ("at", 18),
    ("resource", 44),
    ("language", 10),
    ("how", 12),
    ("name", 26),
    ("email", 30),
    ("organization", 30),
    ("source_kind", 14),
    ("source", 30),
    ("utm_campaign", 26),
]
BATCH = 1_000


def rows(asked: Asked) -> Iterator[list[Any]]:
    """Return the cells of each download, the oldest first; those of people whom nobody knows have no name."""
    query = select(Download, Contact, Source, Resource).join(Resource, Resource.id == Download.resource_id)
    query = query.outerjoin(Contact, Contact.id == Download.contact_id).outerjoin(
        Source, Source.id == Download.source_id
    )
    return in_batches(query.where(and_(*asked.conditions())), Download.id, BATCH, _row)


def _row(download: Download, contact: Contact | None, source: Source | None, resource: Resource) -> list[Any]:
    who = [contact.name, contact.email or "", contact.organization_name] if contact else ["", "", ""]
    came = [source.kind, source.label, source.utm_campaign] if source else ["", "", ""]
    return [download.at, resource.name, download.language, download.how, *who, *came]


def lines(asked: Asked) -> Iterator[str]:
    """Yield the lines of a CSV file, formula-safe; moments in UTC."""
    told = ([f"{c:%Y-%m-%d %H:%M}" if isinstance(c, datetime) else c for c in row] for row in rows(asked))
    yield from tables.csv_lines([name for name, _ in COLUMNS], told)


def sheet(asked: Asked) -> Sheet:
    """Return the sheet of the downloads."""
    return Sheet("Downloads", COLUMNS, rows(asked))
