"""The last good backup, as the audit trail tells: every host sees it there, wherever the file was written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from crm.base.models import AuditEntry
from crm.extensions import db
from crm.site.backup.making import AUDITED


@dataclass(frozen=True)
class Last:
    """When it was made, and the file, as its host calls it."""

    made_at: datetime
    file: str


def good() -> Last | None:
    """Return the last backup that was made and found whole; None where there was none."""
    query = select(AuditEntry).where(AuditEntry.thing == AUDITED, AuditEntry.verb == "create")
    found = db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(1)).first()
    return Last(datetime.fromisoformat(found.changes["made_at"]), found.changes["file"]) if found else None
