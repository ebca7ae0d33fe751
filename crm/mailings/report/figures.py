"""Counts what people did with each mailing, and keeps the numbers: often while it is young, ever more rarely later."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select

from crm.base import clock, database
from crm.base.database import insert_into
from crm.extensions import db
from crm.mailings import parts
from crm.mailings.models import Mailing
from crm.mailings.report import people
from crm.mailings.report.models import MailingFigures

SOONEST = timedelta(minutes=10)
RARER = 20  # What is twenty days old is counted once a day.
MOST = 20  # mailings of one run


def count_due() -> int:
    """Count the mailings whose numbers may have changed; return how many. Commits after each; for the ticker."""
    due = _due(clock.now())
    for mailing_id in due:
        with database.looking():
            mailing = db.session.get_one(Mailing, mailing_id)
            numbers = asdict(people.report(mailing).figures) | {"counted_at": clock.now()}
        statement = insert_into(MailingFigures).values(mailing_id=mailing_id, **numbers)
        db.session.execute(statement.on_conflict_do_update(index_elements=["mailing_id"], set_=numbers))
        db.session.commit()
    return len(due)


def _due(now: datetime) -> list[int]:
    """Return the ids of those to count, those first that were never counted, or the longest ago."""
    query = select(Mailing.id, Mailing.released_at, MailingFigures.counted_at)
    query = query.outerjoin(MailingFigures, MailingFigures.mailing_id == Mailing.id)
    query = query.where(Mailing.released_at.is_not(None), Mailing.messages.any(), parts.stands_alone())
    with database.looking():
        rows = db.session.execute(query.order_by(MailingFigures.counted_at.nulls_first(), Mailing.id)).all()
    return [row.id for row in rows if row.counted_at is None or _old(row, now)][:MOST]


def _old(row: object, now: datetime) -> bool:
    released_at, counted_at = row.released_at, row.counted_at  # type: ignore[attr-defined]
    return bool(now - counted_at >= max(SOONEST, (counted_at - released_at) / RARER))
