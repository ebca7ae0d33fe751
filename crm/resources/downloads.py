"""Downloads: counted, and given by links that nobody else can make and that end soon."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import request
from sqlalchemy import func, select

from crm.base import clock, limits, networks, robots, signing
from crm.base.database import insert_into
from crm.contacts import arrivals, sources, timeline
from crm.contacts.models import Contact
from crm.extensions import db
from crm.resources import filing
from crm.resources.models import Download, Resource, ResourceFile

OPEN, CONFIRMED, KNOWN = "open", "confirmed", "known"
PURPOSE = "resource file"
FILE_LIFE = timedelta(minutes=15)
# Of one network and resource; more is no reading. They are given the file all the same.
MOST_OPEN = (10, timedelta(hours=1))


def by_contact(
    resource: Resource,
    contact: Contact,
    how: str,
    *,
    language: str,
    source_id: int | None,
    file: ResourceFile | None = None,
) -> bool:
    """Count that a contact took the resource, once a day however often they press; returns whether it counted."""
    now = clock.now()
    values = {"resource_id": resource.id, "contact_id": contact.id, "day": now.date(), "at": now, "how": how}
    values |= {"language": language, "source_id": source_id, "file_id": file.id if file else None}
    insert = insert_into(Download).values(**values)
    insert = insert.on_conflict_do_nothing(index_elements=["resource_id", "contact_id", "day"])
    if db.session.execute(insert.returning(Download.id)).first() is None:
        return False
    path = f"/staff/library/{resource.id}"
    timeline.record(contact, "download", f"Took “{resource.name}” from the library", path, actor="visitor")
    return True


def source_of(resource: Resource, contact: Contact) -> int | None:
    """Return by what source the contact last came to the resource; None for none."""
    mine = (Download.resource_id == resource.id, Download.contact_id == contact.id)
    return db.session.scalar(select(Download.source_id).where(*mine).order_by(Download.at.desc()).limit(1))


def terms(resource: Resource) -> arrivals.Terms:
    """Return the terms of its page: it is the source of who came by nothing else."""
    return arrivals.Terms(source=resource.slug[:100])


def by_nobody(resource: Resource, file: ResourceFile | None, values: Mapping[str, str], *, language: str) -> None:
    """Count that a visitor whom nobody knows took a free file, or followed the link; robots are given it uncounted.

    `values`, of a form or an address, say what the visitor came by. Of a file that comes in parts, and of one that the
    browser has already, no more is counted.
    """
    most, per = MOST_OPEN
    if robots.gives_itself_away("GET" if request.method == "POST" else request.method, request.headers):
        return
    if request.headers.get("If-None-Match") or not request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        return
    if not limits.allow(f"download:{resource.id}:{networks.of_request()}", most, per):
        return
    now, source_id = clock.now(), sources.of_visit(arrivals.trail_of(values, terms(resource)))
    row = Download(resource_id=resource.id, source_id=source_id, language=language, how=OPEN)
    row.file_id = file.id if file else None
    row.day, row.at = now.date(), now
    db.session.add(row)


def address_of(file: ResourceFile) -> str:
    """Return the path by which the file is given for FILE_LIFE, to whoever has just asked for it."""
    return f"/resources/given/{signing.sign(PURPOSE, file.token, dated=True)}"


def given(token: str) -> ResourceFile | None:
    """Return the file of such a path, or that which took its place; None where it is gone.

    Raises InvalidToken, ExpiredToken.
    """
    file = filing.current(signing.read(PURPOSE, token, max_age=FILE_LIFE))
    return file if file is not None and file.resource.state == "published" else None


def number_of(resource: Resource) -> int:
    """Return how often a resource was taken."""
    return db.session.scalar(select(func.count()).where(Download.resource_id == resource.id)) or 0


def numbers_of(resource_ids: Sequence[int]) -> dict[int, int]:
    """Return how often each of these resources was taken, where it was."""
    query = select(Download.resource_id, func.count()).where(Download.resource_id.in_(resource_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Download.resource_id))}
