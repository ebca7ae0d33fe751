"""Counting what a request brings that else only reads, such as a link that is followed."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import ObjectDeletedError

from crm.base.database import writing
from crm.extensions import db

log = logging.getLogger(__name__)


def keep(what: str, count: Callable[[], None]) -> None:
    """Let `count` write in a transaction of its own, and commit; what was not committed before is dropped.

    Where the database cannot take it, `what` is told to the log alone, and the request goes on.
    """
    try:
        with writing():
            count()
            db.session.commit()
    except (DBAPIError, ObjectDeletedError):
        db.session.rollback()
        log.warning("%s was not counted", what, exc_info=True)
