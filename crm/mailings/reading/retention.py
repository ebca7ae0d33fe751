"""By what visitors were known is forgotten within a day."""

from datetime import timedelta

from sqlalchemy import delete

from crm.base import clock
from crm.extensions import db
from crm.mailings.reading.models import ClickVisitor

# The job runs every half an hour, so that nothing is older than a day.
KEEP = timedelta(hours=23)


def forget_visitors() -> int:
    """Delete what is older, with the visits; returns how many. A job."""
    old = delete(ClickVisitor).where(ClickVisitor.first_at < clock.now() - KEEP)
    return int(db.session.execute(old.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]
