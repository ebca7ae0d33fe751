"""The audit trail."""

from typing import Any

from flask import has_request_context
from flask_login import current_user

from crm.base.models import AuditEntry
from crm.extensions import db


def record(verb: str, thing: str, thing_id: int | None = None, *, reason: str = "", **changes: Any) -> AuditEntry:
    """Write down what the present actor does, e.g. record("delete", "segment", 7, name=["Old", None])."""
    entry = AuditEntry(actor=actor(), verb=verb, thing=thing, thing_id=thing_id, changes=changes, reason=reason)
    db.session.add(entry)
    return entry


def actor() -> str:
    """Return who acts: the address of the staff user, `visitor`, or `system` outside of a request."""
    if not has_request_context():
        return "system"
    return current_user.email if current_user and current_user.is_authenticated else "visitor"
