"""How long the words of a report are kept."""

from datetime import timedelta

from sqlalchemy import or_, select, update

from crm.base import clock
from crm.delivery.bounces.models import Bounce
from crm.extensions import db

KEPT = timedelta(days=30)
CHUNK = 1000


def forget_texts() -> int:
    """Forget what reports older than 30 days say, and the addresses in them; return their number. Commits.

    For the ticker. What stays says what was decided, and keeps a mail that is read again from counting twice.
    """
    forgotten = 0
    while number := _forget_some():
        forgotten += number
    return forgotten


def _forget_some() -> int:
    old = (
        select(Bounce.id)
        .where(Bounce.created_at < clock.now() - KEPT)
        .where(or_(Bounce.text != "", Bounce.diagnostic != "", Bounce.recipient != ""))
        .limit(CHUNK)
    )
    statement = update(Bounce).where(Bounce.id.in_(old)).values(text="", diagnostic="", recipient="")
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
    return int(done.rowcount)  # type: ignore[attr-defined]
