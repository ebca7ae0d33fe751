"""Noting who attended by the list of a webinar tool: looked at first, noted once staff say so."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select, update
from werkzeug.datastructures import FileStorage

from crm.base import audit, clock
from crm.base.changes import Refused
from crm.base.database import looking
from crm.base.words import one_line
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.events import attendance_lists, attending
from crm.events.models import CANCELED, Attendance, AttendanceImport, Event
from crm.extensions import db

KEPT = timedelta(days=7)
CHUNK = 500
NOTED = 50  # people of one transaction


@dataclass
class Matched:
    """Whom a list names: registrants to be noted, those noted before, and addresses of nobody who registered."""

    fresh: list[tuple[Attendance, int]] = field(default_factory=list)
    before: list[tuple[Attendance, int]] = field(default_factory=list)
    unknown: list[tuple[str, int]] = field(default_factory=list)


def keep(event: Event, file: FileStorage) -> AttendanceImport:
    """Read a file and keep whom it names; raises Refused. What was not committed before is dropped."""
    try:
        with looking():
            read = attendance_lists.read(file.stream.read(attendance_lists.MOST_BYTES + 1))
    except attendance_lists.Unreadable as error:
        raise Refused(str(error), "file") from error
    if not read.minutes:
        raise Refused("The list names nobody who attended by an e-mail address.", "file")
    name = one_line(file.filename)[:200]
    rows = [[address, minutes] for address, minutes in sorted(read.minutes.items())]
    kept = AttendanceImport(event=event, tool=read.tool, file_name=name, rows=rows, created_by=audit.actor())
    db.session.add(kept)
    db.session.flush()
    return kept


def match(kept: AttendanceImport) -> Matched:
    """Return whom the list names, by address; also by one that was given up when two records became one."""
    found = Matched()
    of_address = _registered(kept)
    for address, minutes in kept.rows:
        attendance = of_address.get(address)
        if attendance is None:
            found.unknown.append((address, minutes))
        else:
            (found.before if attendance.attended_at else found.fresh).append((attendance, minutes))
    return found


def apply(kept: AttendanceImport) -> int:
    """Note that those whom the list names attended; returns how many that is news of.

    Commits after every 50, each of whom is noted once, however often this runs; what was not committed before is
    dropped.
    """
    number = kept.id
    with looking():
        kept = db.session.get_one(AttendanceImport, number)
        event_id, name, at = kept.event_id, kept.file_name, min(kept.event.starts_at, clock.now())
        fresh = [attendance.id for attendance, _ in match(kept).fresh]
    people = 0
    for start in range(0, len(fresh), NOTED):
        query = select(Attendance).where(Attendance.id.in_(fresh[start : start + NOTED])).order_by(Attendance.id)
        people += sum(attending.attended(one, attending.IMPORT, at) for one in db.session.scalars(query).all())
        db.session.commit()
    first_time = update(AttendanceImport).where(AttendanceImport.id == number, AttendanceImport.applied_at.is_(None))
    db.session.execute(first_time.values(applied_at=clock.now()))
    audit.record("attendance", "event", event_id, people=people, file=name)
    db.session.commit()
    return people


def forget_old() -> None:
    """Delete the lists that were kept for a week; a job."""
    db.session.execute(delete(AttendanceImport).where(AttendanceImport.created_at < clock.now() - KEPT))


def _registered(kept: AttendanceImport) -> dict[str, Attendance]:
    addresses = [address for address, _ in kept.rows]
    mine = (Attendance.event_id == kept.event_id, Attendance.state != CANCELED)
    found: dict[str, Attendance] = {}
    for start in range(0, len(addresses), CHUNK):
        some = addresses[start : start + CHUNK]
        query = select(Contact.email, Attendance).join(Contact, Contact.id == Attendance.contact_id)
        rows = db.session.execute(query.where(*mine, Contact.email.in_(some)))
        found |= {address: attendance for address, attendance in rows if address}
        of_contact = {contact.id: address for address, contact in former.with_addresses(some).items()}
        query_former = select(Attendance).where(*mine, Attendance.contact_id.in_(of_contact))
        found |= {of_contact[one.contact_id]: one for one in db.session.scalars(query_former)}
    return found
