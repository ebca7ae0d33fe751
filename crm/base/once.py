"""A form that is sent twice, by a double click or by loading its answer again, acts once.

Each form that saves something carries a random number. With the first commit of its view, the digest of all that was
sent is written down in the same transaction; who sends the same once more is led to where the first one was led. Sent
again with other words, after the Back button, it is a new form.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Response, flash, has_request_context, redirect, request
from sqlalchemy import delete, event, select, update
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from crm.base import clock
from crm.base.database import insert_into
from crm.base.models import FormPost
from crm.extensions import db

NUMBER = "form_number"
KEPT = timedelta(days=2)


class SentTwice(Exception):
    """The same form was sent, and saved, before."""


def init_app(app: Flask) -> None:
    """Watch the forms of an application."""
    app.jinja_env.globals["form_number"] = lambda: secrets.token_hex(12)
    app.register_error_handler(SentTwice, _lead_on)
    app.after_request(_note_place)


def prune() -> None:
    """Forget forms that nobody will send again; for the ticker."""
    db.session.execute(delete(FormPost).where(FormPost.at < clock.now() - KEPT))


@event.listens_for(db.session, "before_commit")
def _claim(session: Session) -> None:
    if (
        not has_request_context()
        or request.method != "POST"
        or "form_digest" in request.environ
        or NUMBER not in request.form
    ):
        return
    request.environ["form_digest"] = _digest()
    claim = insert_into(FormPost).values(digest=_sent(), at=clock.now(), place="").on_conflict_do_nothing()
    if session.execute(claim.returning(FormPost.digest)).first() is None:
        raise SentTwice


def _digest() -> str:
    sent = [request.path, *(f"{name}={value}" for name, value in sorted(request.form.items(multi=True)))]
    return hashlib.sha256("\0".join(sent).encode()).hexdigest()


def _sent() -> str | None:
    """Return the digest of the form that this request has saved."""
    digest: str | None = request.environ.get("form_digest")
    return digest


def _note_place(response: Response) -> Response:
    if _sent() and response.location and "form_twice" not in request.environ:
        place = update(FormPost).where(FormPost.digest == _sent()).values(place=response.location[:2000])
        db.session.execute(place)
        db.session.commit()
    return response


def _lead_on(_error: SentTwice) -> AnyResponse:
    db.session.rollback()
    request.environ["form_twice"] = True
    place: Any = db.session.scalar(select(FormPost.place).where(FormPost.digest == _sent()))
    flash("This form came twice. It was saved once.")
    return redirect(place or request.path)
