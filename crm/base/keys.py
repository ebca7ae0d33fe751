"""One database, one SECRET_KEY: with another key its blocked addresses and the links in its mail are not known.

The first process that looks stores a fingerprint of its key; whoever has another key after that does not start.
"""

import hmac

from click import ClickException
from flask import Flask, Response, current_app
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from crm.base import signing
from crm.base.database import reading
from crm.base.models import Installation
from crm.extensions import db

AGREES = "secret key agrees"


class WrongKey(ClickException):
    """SECRET_KEY is not the one that this database was begun with; the message says what to do."""


def init_app(app: Flask) -> None:
    """Serve nothing until the key is known to be right: a web server may start before its database."""
    app.before_request(_refuse)


def check() -> bool:
    """Return True where the key is the database's; False where that has no tables or does not answer yet.

    Raises WrongKey.
    """
    ours = signing.key("fingerprint").hex()
    try:
        theirs = _stored() or _claimed(ours)
    except SQLAlchemyError:
        return False
    if not hmac.compare_digest(ours, theirs):
        raise WrongKey(
            "SECRET_KEY is not the one that this database was begun with, so blocked addresses and links in mail "
            "would not be known. Give every host the same SECRET_KEY, or copy the file secret_key of the instance "
            "folder where it was begun; see docs/operating.md."
        )
    return True


def _stored() -> str:
    with reading(), Session(db.engine) as session:
        return session.scalars(select(Installation.key_fingerprint)).one()


def _claimed(ours: str) -> str:
    with Session(db.engine) as session:
        session.execute(update(Installation).where(Installation.key_fingerprint == "").values(key_fingerprint=ours))
        session.commit()
    return _stored()  # Of two that claim at once, one wins.


def _refuse() -> Response | None:
    if not current_app.extensions.get(AGREES):
        try:
            current_app.extensions[AGREES] = check()
        except WrongKey as wrong:
            return Response(f"{wrong.message}\n", 503, mimetype="text/plain")
    return None
