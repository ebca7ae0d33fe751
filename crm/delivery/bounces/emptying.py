"""Emptying a mailbox: each mail is kept and committed before it is deleted there."""

import logging
import time
from collections.abc import Callable

from flask import current_app

from crm.delivery.bounces.mailbox import Mailbox, MailboxError
from crm.delivery.bounces.mails import Mail, whole
from crm.extensions import db

log = logging.getLogger(__name__)

MOST_BROKEN = 3  # connections that one mail each may break
MOST_SECONDS = 10  # So that a worker which is told to stop does.
Keep = Callable[[Mail], bool]
"""Writes a mail down, without a commit; False leaves it in the mailbox."""


def empty(setting: str, name: str, keep: Keep, most: int) -> int:
    """Keep the mails of the mailbox in that setting, at most so many, and delete them there; returns how many.

    Commits after each; the network is asked only between transactions. What is interrupted is read again, so `keep`
    does nothing twice. One mail that cannot be kept, or at which the connection breaks, holds up no other: it stays.
    Raises MailboxError.
    """
    url, broken = current_app.config[setting], set[str]()
    db.session.commit()
    while True:
        known = len(broken)
        try:
            with Mailbox(url, current_app.config["MAIL_CA_FILE"], setting=setting) as box:
                kept = _kept(box, name, keep, most, broken)
                if kept:
                    box.delete(kept)
                return len(kept)
        except MailboxError:
            # The numbers of POP3 hold for one connection only. So all but the one that broke it are read again.
            if not known < len(broken) <= MOST_BROKEN:
                raise


def _kept(box: Mailbox, name: str, keep: Keep, most: int, broken: set[str]) -> list[str]:
    """Return the keys of those that are safe to delete; what cannot be fetched is added to `broken`."""
    ends = time.monotonic() + MOST_SECONDS
    safe: list[str] = []
    for key in box.keys(most):
        octets = None if key in broken else _fetched(box, f"{name}#{key}", key, broken)
        if octets is not None and _written_down(whole(f"{name}#{key}", [octets]), keep):
            safe.append(key)
        if time.monotonic() > ends:
            break
    return safe


def _fetched(box: Mailbox, name: str, key: str, broken: set[str]) -> bytes | None:
    try:
        return box.fetch(key)
    except MailboxError as error:
        log.warning("%s cannot be fetched and stays in the mailbox: %s", name, error)
        broken.add(key)
        if not error.permanent:
            raise  # The connection is lost.
        return None


def _written_down(mail: Mail, keep: Keep) -> bool:
    try:
        kept = keep(mail)
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("%s could not be written down and stays in the mailbox", mail.name)
        return False
    return kept
