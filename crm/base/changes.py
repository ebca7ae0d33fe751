"""Two people at the same record: what changed meanwhile, and how both get their way.

A record counts its versions; whoever saves says on which one the form was opened. What changed since stands in the
audit trail (influencers and asks keep a history of their own).
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm.base import audit
from crm.base.models import AuditEntry
from crm.extensions import db


class Refused(ValueError):
    """The record cannot be saved so; `field` names what is wrong, the message says what to do."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class Collision(Exception):
    """Somebody changed the record after it was opened here; `changes` are theirs, oldest first."""

    def __init__(self, changes: Sequence[Any]) -> None:
        super().__init__("somebody else changed this meanwhile")
        self.changes = list(changes)


def lock(row: Any) -> None:
    """Read the row anew and keep others from changing it until the transaction ends."""
    db.session.flush()
    # Of this row alone: PostgreSQL locks none that an outer join may leave out, as the eager loading of a list does.
    db.session.refresh(row, with_for_update={"of": type(row)})


def apply(row: Any, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values on the row, and return what that changed: {field: [old, new]}, as JSON can hold it."""
    changed = {}
    for field, new in values.items():
        old = getattr(row, field)
        if plain(old) != plain(new):
            changed[field] = [plain(old), plain(new)]
            setattr(row, field, new)
    return changed


def plain(value: Any) -> Any:
    """Return the value as JSON holds it; equal amounts and nothing typed come out the same."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"file {hashlib.sha256(value).hexdigest()[:8]}"
    if isinstance(value, str):
        value = value.replace("\r\n", "\n")  # As browsers send what was written with plain line ends.
    return None if value == "" else value


def untouched(typed: Mapping[str, Any], rows: Sequence[Any], theirs: Sequence[Any]) -> dict[str, Any]:
    """Return the present values of fields that they changed and whoever typed here did not touch.

    A field is read from the first of the rows that has it.
    """
    first_old: dict[str, Any] = {}
    for change in theirs:
        for field, (old, _new) in getattr(change, "changes", {}).items():
            first_old.setdefault(field, old)
    kept = [field for field, old in first_old.items() if field in typed and plain(typed[field]) == old]
    return {field: next(getattr(row, field) for row in rows if hasattr(row, field)) for field in kept}


def claim(row: Any, thing: str, opened_on: int) -> None:
    """Lock a record that there is; raises Collision where somebody changed it after that version."""
    lock(row)
    if row.version != opened_on:
        raise Collision(since(row, thing, opened_on))


def keep(row: Any, thing: str, values: Mapping[str, Any]) -> None:
    """Set the values on a new record or a claimed one, and write into the audit trail what that changed."""
    new = row.id is None
    changed: dict[str, Any] = apply(row, values)
    if not new and not changed:
        return
    before = 0 if new else row.version
    row.version = before + 1
    db.session.add(row)
    db.session.flush()
    audit.record("add" if new else "edit", thing, row.id, version=[before, row.version], **changed)


def since(row: Any, thing: str, version: int) -> list[AuditEntry]:
    """Return what was changed after that version, oldest first."""
    query = select(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id == row.id)
    query = query.where(AuditEntry.verb.in_(["add", "edit"])).order_by(AuditEntry.id)
    return [entry for entry in db.session.scalars(query) if entry.changes.get("version", [0, 0])[1] > version]
