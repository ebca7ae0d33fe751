"""What one page asks the database for several times: read once, and forgotten with the first write after it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from crm.extensions import db

Answer = TypeVar("Answer")
KEY = "remembered"


def remembered(ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Let a function ask the database once in a transaction, unless something is written in between.

    Its answer is shared by all who ask, so that none of them may change it.
    """

    @wraps(ask)
    def asked() -> Answer:
        session = db.session()
        if session.autoflush:
            session.flush()  # As the question itself would.
        known: dict[Callable[[], Any], Any] = session.info.setdefault(KEY, {})
        if ask not in known:
            known[ask] = ask()
        answer: Answer = known[ask]
        return answer

    return asked


def forget() -> None:
    """Ask anew: somebody else may have written, and that was waited for."""
    _forget(db.session())


@event.listens_for(db.session, "after_flush")
@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, *_how: Any) -> None:
    session.info.pop(KEY, None)


@event.listens_for(db.session, "do_orm_execute")
def _forget_where_written(state: ORMExecuteState) -> None:
    if not state.is_select:
        _forget(state.session)
