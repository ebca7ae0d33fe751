"""When the mail server, or one sender address, has trouble that no recipient is to blame for: sending rests.

It stands in the database, so that all workers know it and a restart does not forget it.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.base import clock
from crm.base.database import reading
from crm.delivery import backoff
from crm.delivery.models import Rest
from crm.extensions import db

SERVER = ""
SAME_EVENT = timedelta(seconds=0.5)  # Connections that break together count once.


def trouble(engine: Engine, name: str, reason: str, *, permanent: bool = False) -> float:
    """Note trouble with the server or a sender address, and return the seconds of the rest. Commits.

    permanent: it lasts until somebody changes something (a wrong password), so the first rest is as long as the last.
    """
    with Session(engine, expire_on_commit=False) as session:
        moment = clock.shared(session.connection())
        rest = session.get(Rest, name, with_for_update=True)
        if rest is None:
            rest = Rest(name=name, failures=0, until=moment, since=moment - timedelta(days=1))
            session.add(rest)
        if moment - rest.since > SAME_EVENT:
            rest.failures = max(rest.failures + 1, len(backoff.RESTS) if permanent else 0)
            rest.since = moment
            rest.until = moment + timedelta(seconds=_seconds(name, rest.failures))
        rest.reason = reason.replace("\0", "")[:500]
        try:
            session.commit()
        except IntegrityError:
            session.rollback()  # Another worker noted the same trouble first.
        return max(0.0, (rest.until - moment).total_seconds())


def clear(engine: Engine, names: Iterable[str] = ()) -> None:
    """Forget the trouble (of these names, or all): mail went through, or somebody wants to try at once. Commits."""
    with reading(), Session(engine) as session:
        noted = set(session.scalars(select(Rest.name)))
    if gone := noted & set(names or noted):
        with Session(engine) as session:
            session.execute(delete(Rest).where(Rest.name.in_(gone)))
            session.commit()


def current() -> list[Rest]:
    """Return what rests now, or failed last and has not worked since; for staff to see."""
    return list(db.session.scalars(select(Rest).where(Rest.failures > 1).order_by(Rest.name)))


def _seconds(name: str, failures: int) -> int:
    return backoff.rest_seconds(failures) if name == SERVER else backoff.sender_rest_seconds(failures)
