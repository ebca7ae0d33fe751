"""Fetches copies of mail from a mailbox."""

import logging

from flask import current_app

from crm.delivery.bounces import emptying
from crm.delivery.bounces.mailbox import MailboxError
from crm.delivery.bounces.mails import Mail
from crm.influencers.inbound.keeping import FULL
from crm.influencers.inbound.receiving import receive

log = logging.getLogger(__name__)

SETTING = "INBOUND_MAILBOX"
MOST = 500  # mails a tick


def collect() -> int:
    """Read the mailbox of INBOUND_MAILBOX; return how many mails left it. Commits after each; for the ticker.

    What is interrupted is read again, and is logged once.
    """
    if not current_app.config[SETTING]:
        return 0
    try:
        return emptying.empty(SETTING, "inbound", _kept, MOST)
    except MailboxError as error:
        log.warning("The mailbox for copies of mail cannot be read: %s", error)
        return 0


def _kept(mail: Mail) -> bool:
    return all(outcome.state != FULL for outcome in receive(mail))
