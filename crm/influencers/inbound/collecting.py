"""Fetches copies of mail from a mailbox: each is kept and committed before it is deleted there."""

import logging
import time

from flask import current_app

from crm.delivery.bounces import mailbox
from crm.delivery.bounces.mails import whole
from crm.extensions import db
from crm.influencers.inbound.keeping import FULL
from crm.influencers.inbound.receiving import receive

log = logging.getLogger(__name__)

MOST = 500  # mails a tick
MOST_SECONDS = 10  # So that a worker which is told to stop does.
MOST_BROKEN = 3  # connections that one mail each may break in a tick


def collect() -> int:
    """Read the mailbox of INBOUND_MAILBOX; return how many mails left it. Commits after each; for the ticker.

    The network is asked only between transactions. What is interrupted is read again, and is logged once.
    """
    url = current_app.config["INBOUND_MAILBOX"]
    if not url:
        return 0
    db.session.commit()
    broken: set[str] = set()
    while True:
        known = len(broken)
        try:
            return _emptied(url, broken)
        except mailbox.MailboxError as error:
            if not known < len(broken) <= MOST_BROKEN:
                told = str(error).replace("BOUNCE_MAILBOX", "INBOUND_MAILBOX")
                log.warning("The mailbox for copies of mail cannot be read: %s", told)
                return 0


def _emptied(url: str, broken: set[str]) -> int:
    """Keep what is there and delete it; `broken`: mails to step over, and those that broke the connection."""
    with mailbox.Mailbox(url, current_app.config["MAIL_CA_FILE"]) as box:
        ends, kept = time.monotonic() + MOST_SECONDS, []
        for key in box.keys(MOST):
            if key not in broken and _kept(box, key, broken):
                kept.append(key)
            if time.monotonic() > ends:
                break
        if kept:
            box.delete(kept)
        return len(kept)


def _kept(box: mailbox.Mailbox, key: str, broken: set[str]) -> bool:
    """Keep one mail. What cannot be kept now stays in the mailbox, and must not hold up the others."""
    try:
        octets = box.fetch(key)
    except mailbox.MailboxError as error:
        broken.add(key)
        if error.permanent:
            log.warning("inbound#%s cannot be fetched and stays in the mailbox: %s", key, error)
            return False
        raise
    try:
        outcomes = receive(whole(f"inbound#{key}", [octets]))
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("inbound#%s could not be written down and stays in the mailbox", key)
        return False
    return all(outcome.state != FULL for outcome in outcomes)
