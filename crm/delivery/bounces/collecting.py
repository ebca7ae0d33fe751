"""Fetches what came to the mailbox: each mail is written down and committed before it is deleted there."""

import logging
import time

from flask import current_app

from crm.base import clock, database
from crm.delivery.bounces import blocks, mailbox, recording
from crm.delivery.bounces.mails import Mail, plain, whole
from crm.delivery.bounces.models import MailboxState
from crm.extensions import db

log = logging.getLogger(__name__)

MOST = 2000  # mails a tick
MOST_BROKEN = 3  # connections that one mail each may break in a tick
LONGEST_PROBLEM = 300  # characters
MOST_SECONDS = 10  # So that a worker which is told to stop does.


def collect() -> int:
    """Read the mailbox of BOUNCE_MAILBOX; return how many mails left it. Commits after each; for the ticker.

    The network is asked only between transactions. What is interrupted is read again, and does nothing twice.
    """
    url = current_app.config["BOUNCE_MAILBOX"]
    if not url:
        return 0
    db.session.commit()
    number, problem = 0, ""
    try:
        number = _emptied(url)
    except mailbox.MailboxError as error:
        again = "Mend it, or nothing is read." if error.permanent else "It is tried again."
        log.warning("The mailbox of bounces cannot be read: %s %s", error, again)
        problem = plain(f"{error} {again}", LONGEST_PROBLEM)
    _note(problem)
    blocks.pause_refused()
    return number


def state() -> MailboxState | None:
    """Return how the mailbox was found last; None where there is none, or nothing has been tried yet."""
    return db.session.get(MailboxState, 1) if current_app.config["BOUNCE_MAILBOX"] else None


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


def _emptied(url: str) -> int:
    """Read what is there and delete it; return how many mails. One at which the connection breaks holds up no other.

    The numbers of POP3 hold for one connection only. So all but that one are read again, which does nothing twice.
    """
    broken: set[str] = set()
    while True:
        known = len(broken)
        try:
            with mailbox.Mailbox(url, current_app.config["MAIL_CA_FILE"]) as box:
                read = _read(box, broken)
                if read:
                    box.delete(read)
                return len(read)
        except mailbox.MailboxError:
            if not known < len(broken) <= MOST_BROKEN:
                raise


def _read(box: mailbox.Mailbox, broken: set[str]) -> list[str]:
    """Write the mails of the box down, one by one; return the keys of those that are safe to delete.

    `broken`: the keys to step over; those that cannot be fetched are added.
    """
    ends = time.monotonic() + MOST_SECONDS
    safe: list[str] = []
    for key in box.keys(MOST):
        octets = None if key in broken else _fetched(box, key, broken)
        if octets is not None and _written_down(whole(f"mailbox#{key}", [octets])):
            safe.append(key)
        if time.monotonic() > ends:
            break
    return safe


def _fetched(box: mailbox.Mailbox, key: str, broken: set[str]) -> bytes | None:
    try:
        return box.fetch(key)
    except mailbox.MailboxError as error:
        log.warning("mailbox#%s cannot be fetched and stays in the mailbox: %s", key, error)
        broken.add(key)
        if not error.permanent:
            raise  # The connection is lost.
        return None


def _written_down(mail: Mail) -> bool:
    # One mail that cannot be written down stays where it is, and must not hold up the others.
    try:
        with database.looking():
            verdicts = recording.judge(mail)
        recording.record("mail", mail.digest, verdicts, recording.excerpt(mail, verdicts))
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("%s could not be written down and stays in the mailbox", mail.name)
        return False
    return True
