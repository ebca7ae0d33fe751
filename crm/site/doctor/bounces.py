"""Opens the mailbox that bounces come to, as the worker does every minute, and tells when that read it last."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crm.base import clock
from crm.delivery.bounces import mailbox
from crm.delivery.bounces.models import MailboxState
from crm.delivery.bounces.webhooks.public import PROVIDERS
from crm.site.doctor.rows import Row, ok, warning
from crm.site.doctor.rows import error as fault
from crm.site.outbox.standing import age

NAME = "Bounces"
NOTHING = "dead addresses and people who complain are written to again and again."
LATE = timedelta(minutes=10)
LONGEST_SECONDS = 4.0  # for one answer; the program ends only when the last check has.


def look(config: Mapping[str, Any], state: MailboxState | None) -> Row:
    """Connect, encrypt, log in, open the folder, and leave. `state`: how the worker found it last."""
    if not config["BOUNCE_MAILBOX"]:
        return _without(config)
    try:
        with mailbox.Mailbox(config["BOUNCE_MAILBOX"], config["MAIL_CA_FILE"], LONGEST_SECONDS) as box:
            answers = f"The mailbox at {box.host} answers over TLS and lets us in."
    except mailbox.MailboxError as trouble:
        mend = f"Look at BOUNCE_MAILBOX: host, port, user, password (@ as %40) and folder. Till then {NOTHING}"
        return fault(NAME, f"{trouble}", mend)
    if state is None or (state.read_at is None and not state.problem):
        return warning(NAME, f"{answers} No worker has read it yet.", "Start `crm worker`; it reads it every minute.")
    if state.problem:
        return warning(NAME, f"{answers} The worker could not read it last: {state.problem}", "Look again in a minute.")
    return _judge(answers, state)


def _judge(answers: str, state: MailboxState) -> Row:
    since = clock.now() - state.read_at if state.read_at else None
    told = f"{answers} It was read last {age(since)} ago." if since is not None else answers
    if since is not None and since > LATE:
        return warning(NAME, told, "Look at the row Worker: it reads the mailbox every minute.")
    return ok(NAME, told)


def _without(config: Mapping[str, Any]) -> Row:
    provider = config["MAIL_PROVIDER"]
    if provider and config[PROVIDERS[provider].SETTING]:
        return ok(NAME, f"They come by calls of {provider}; there is no mailbox (BOUNCE_MAILBOX), and none is needed.")
    where = f"to {config['BOUNCE_DOMAIN']}" if config["BOUNCE_DOMAIN"] else "to the sender's own address"
    found = f"BOUNCE_MAILBOX is not set: bounces go {where}. Unless `crm bounces read` gets them, {NOTHING}"
    mend = "Set BOUNCE_DOMAIN and BOUNCE_MAILBOX, or the calls of your mail provider: docs/bounces.md."
    return warning(NAME, found, mend)
