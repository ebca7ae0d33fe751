"""Fetches what came to the mailbox of bounces, and notes how the mailbox was found."""

import logging

from flask import current_app

from crm.base import clock, database
from crm.delivery.bounces import blocks, emptying, recording
from crm.delivery.bounces.mailbox import MailboxError
from crm.delivery.bounces.mails import Mail, plain
from crm.delivery.bounces.models import MailboxState
from crm.extensions import db

log = logging.getLogger(__name__)

SETTING = "BOUNCE_MAILBOX"
MOST = 2000  # mails a tick
LONGEST_PROBLEM = 300  # characters


def collect() -> int:
    """Read the mailbox of BOUNCE_MAILBOX; return how many mails left it. Commits after each; for the ticker.

    What is interrupted is read again, and does nothing twice.
    """
    if not current_app.config[SETTING]:
        return 0
    number, problem = 0, ""
    try:
        number = emptying.empty(SETTING, "mailbox", _written_down, MOST)
    except MailboxError as error:
        again = "Mend it, or nothing is read." if error.permanent else "It is tried again."
        log.warning("The mailbox of bounces cannot be read: %s %s", error, again)
        problem = plain(f"{error} {again}", LONGEST_PROBLEM)
    _note(problem)
    blocks.pause_refused()
    return number


def state() -> MailboxState | None:
    """Return how the mailbox was found last; None where there is none, or nothing has been tried yet."""
    return db.session.get(MailboxState, 1) if current_app.config[SETTING] else None


def _note(problem: str) -> None:
    now = clock.now()
    found = db.session.get(MailboxState, 1)
    if found is None:
        found = MailboxState(id=1)
        db.session.add(found)
    found.problem = problem
    found.read_at = found.read_at if problem else now
    found.failing_since = (found.failing_since or now) if problem else None
    db.session.commit()


def _written_down(mail: Mail) -> bool:
    with database.looking():
        verdicts = recording.judge(mail)
    recording.record("mail", mail.digest, verdicts, recording.excerpt(mail, verdicts))
    return True
