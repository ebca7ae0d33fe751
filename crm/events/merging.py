"""What becomes of registrations when two contacts become one, and when somebody is forgotten."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, literal, select, true

from crm.base.database import insert_into
from crm.base.registries import Choice, Erasure, Merge
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.events import needs
from crm.events.models import CANCELED, REGISTERED, WAITING, Attendance, AttendanceImport, EventMail
from crm.extensions import db

BEST = {CANCELED: 0, WAITING: 1, REGISTERED: 2}


def merge() -> Merge:
    """Return how registrations follow: for an event that both registered for, the better of the two stands."""
    return Merge(lambda _contact_id, _user: true(), _check, _choices, _counts, follow)


def follow(kept: int, gone: int, _of_gone: Collection[str], _user: Any) -> None:
    """Unite the registrations for the same event; the others follow by themselves."""
    mine = {one.event_id: one for one in _of(kept)}
    for other in _of(gone):
        if other.event_id in mine:
            _unite(mine[other.event_id], other)
            _keep_mails(mine[other.event_id], other)
            db.session.delete(other)
    db.session.flush()


def erasure() -> Erasure:
    """Return what goes with who is forgotten: the lists of webinar tools that name the address."""
    return Erasure("registrations for events, with what they needed", _forget)


def _of(contact_id: int) -> list[Attendance]:
    query = select(Attendance).where(Attendance.contact_id == contact_id)
    return list(db.session.scalars(query.order_by(Attendance.event_id).with_for_update(of=Attendance)))


def _unite(kept: Attendance, gone: Attendance) -> None:
    if BEST[gone.state] > BEST[kept.state]:
        for name in ("state", "since", "registered_at", "canceled_at", "source_id", "told"):
            setattr(kept, name, getattr(gone, name))
    kept.needs = needs.both(kept.needs, gone.needs)
    kept.new = kept.new and gone.new
    kept.rounds = max(kept.rounds, gone.rounds)
    kept.created_at = min(kept.created_at, gone.created_at)
    if kept.attended_at is None and gone.attended_at is not None:
        kept.attended_at, kept.how = gone.attended_at, gone.how


def _keep_mails(kept: Attendance, gone: Attendance) -> None:
    """Remember what either was sent, so that the person does not get it a second time."""
    db.session.flush()
    sent = select(literal(kept.id), EventMail.name, EventMail.at).where(EventMail.attendance_id == gone.id)
    known = insert_into(EventMail).from_select(["attendance_id", "name", "at"], sent)
    db.session.execute(known.on_conflict_do_nothing())


def _check(_kept: int, _gone: int, _user: Any) -> None:
    """Nothing stands in the way."""


def _choices(_kept: int, _gone: int) -> list[Choice]:
    return []


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    return {"registrations for events": select(func.count()).where(Attendance.contact_id == gone)}


def _forget(contact_id: int) -> Iterable[Path]:
    """The registrations go by their foreign key."""
    person = db.session.get_one(Contact, contact_id)
    theirs = {person.email, *(one.address for one in former.of(person))}
    for kept in db.session.scalars(select(AttendanceImport)):
        rest = [row for row in kept.rows if row[0] not in theirs]
        if len(rest) != len(kept.rows):
            kept.rows = rest
    return []
