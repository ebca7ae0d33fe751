"""What becomes of a form that a visitor has sent: shown again, refused for a while, or kept."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.base import clock, networks
from crm.base.database import reading
from crm.base.deeds import Deed
from crm.contacts import arrivals
from crm.contacts.defence import checking, stopped, suspicion
from crm.extensions import db

VEIL_SECONDS = 0.01
"""At most so long an answer waits, by chance: known and unknown addresses cost the same but for some tenth of a
millisecond, which this hides from whoever measures it as often as the limits of a network allow."""
CHANCE = random.SystemRandom()
AT_ONCE, PATIENCE = 2, 0.5
"""On PostgreSQL a process works on so many forms at once. More would take Python's one lock from each other at each
statement: on two cores, eight answered 230 a second, two 260. Whoever waited so many seconds goes on all the same: the
others are held up by something else then. On SQLite whoever writes stands in a line already."""
LINE = threading.BoundedSemaphore(AT_ONCE)
Show = Callable[[arrivals.Arrival], str]
Page = str | tuple[str, int] | tuple[str, int, dict[str, str]] | Response


def post(arrival: arrivals.Arrival, show: Show, sent: str, deed: Deed | None = None) -> Page:
    """Check a form that came back, keep it and write to its address; commits, and leads to the address `sent`.

    `show` returns the page with the form again: for the slip of an address (200), an error or a check to pass (422),
    and where the network has had its share (429).
    """
    if not arrivals.check(arrival):
        _note_doubt(arrival)
        return _again(arrival, show), 200 if arrival.suggestion else 422
    with _in_line():
        verdict = checking.verdict()
        kept = verdict in (checking.FREE, checking.PASSED) and arrivals.keep(arrival, deed)
        if kept:
            _note_kept(arrival, verdict)
    if verdict == checking.STOPPED:
        return _with_check(arrival, show)
    if verdict == checking.TOO_MANY:
        return _too_many(arrival, show)
    if not kept:
        return _again(arrival, show), 422
    db.session.commit()
    time.sleep(CHANCE.uniform(0, VEIL_SECONDS))
    return redirect(sent, 303)


@contextmanager
def _in_line() -> Iterator[None]:
    has_turn = db.engine.dialect.name == "postgresql" and LINE.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if has_turn:
            LINE.release()


def _note_kept(arrival: arrivals.Arrival, verdict: str) -> None:
    if verdict == checking.PASSED:
        stopped.count(stopped.PASSED)
    suspicion.note_form(networks.of_request(), arrival.address)


def _note_doubt(arrival: arrivals.Arrival) -> None:
    if arrival.doubt:
        suspicion.note_doubt(networks.of_request())
        stopped.count(arrival.doubt)
        db.session.commit()


def _with_check(arrival: arrivals.Arrival, show: Show) -> Page:
    _count(stopped.CHECK)
    with reading():
        arrival.check = checking.check()
    return _again(arrival, show), 422


def _count(outcome: str) -> None:
    """Count a form that is not kept; commits that alone."""
    db.session.rollback()
    stopped.count(outcome)
    db.session.commit()


def _again(arrival: arrivals.Arrival, show: Show) -> str:
    db.session.rollback()
    with reading():
        return show(arrivals.ready(arrival))


def _too_many(arrival: arrivals.Arrival, show: Show) -> Page:
    until = suspicion.full_until(networks.of_request())
    seconds = max(1, int((until - clock.now()).total_seconds()))
    told = _(
        "Too many forms came from your network. Nothing typed is lost: please send the form again in %(count)d minutes."
    )
    arrivals.refuse(arrival, told % {"count": max(2, seconds // 60 + 1)})  # There is no plural form of one minute.
    _count(stopped.LIMIT)
    return _again(arrival, show), 429, {"Retry-After": str(seconds)}
