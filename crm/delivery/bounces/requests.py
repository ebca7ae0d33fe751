"""Mails to the address of List-Unsubscribe: they unsubscribe whom the address is signed for, whoever sends them."""

import logging
import re
from collections.abc import Iterator
from email.message import Message
from itertools import islice

from crm.base import registries, signing
from crm.delivery import unsubscribing
from crm.delivery.bounces import replies, reports
from crm.delivery.bounces.mails import Mail
from crm.delivery.unsubscribing import Request

log = logging.getLogger(__name__)

# Where a mail says whom it was sent to. Elsewhere, as in what it quotes of ours, the address asks for nothing.
SENT_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
MOST = 20  # addresses that are looked at
REPORTS = ("multipart/report", "message/delivery-status", "message/global-delivery-status", "message/feedback-report")
# An address, and no word of a name: a person's organization may be called Bounce House, and mail from its postmaster.
DAEMON = re.compile(r"mailer-?daemon@", re.IGNORECASE)
MASS_MAIL = ("auto_reply", "bulk", "junk", "list")


def asked(mail: Mail, message: Message) -> list[Request]:
    """Return what a mail asks for, each request once; nothing where a machine wrote it."""
    try:
        found = list(dict.fromkeys(_signed(message)))
        return [] if found and _is_from_machine(message) else found
    except Exception:  # It is hostile, and the parsers are not ours alone.
        log.warning("%s cannot be read and asks for nothing", mail.name, exc_info=True)
        return []


def whose(request: Request) -> str:
    """Return the address of the contact; "" where nobody is there any more."""
    return next((found for way in registries.ways_out if (found := way.address(request.contact_id))), "")


def carry_out(request: Request, source: str) -> bool:
    """Unsubscribe in the caller's transaction; return whether the contact is there. source: for the record of it."""
    done = [way.leave(request.contact_id, request.tag, source) for way in registries.ways_out]
    return any(done)


def _signed(message: Message) -> Iterator[Request]:
    key = signing.key(unsubscribing.PURPOSE)
    values = (str(value) for name, value in message.raw_items() if name.lower() in SENT_TO)
    addresses = (match[1] for value in values for match in unsubscribing.ADDRESS.finditer(value))
    for address in islice(addresses, MOST):
        if request := unsubscribing.read(address, key):
            yield request


def _is_from_machine(message: Message) -> bool:
    """A report, or an automatic answer (RFC 3834 §2 and §5): nobody has decided anything.

    The words of the text are not asked: programs that unsubscribe quote the subject of the mail in it.
    """
    senders = ["".join(value.split()) for value in _values(message, "Return-Path")]
    said = [value.lower().partition(";")[0].split() for value in _values(message, "Auto-Submitted")]
    return (
        "<>" in senders
        or any(words[:1] != ["no"] for words in said)
        or any(value.strip().lower() in MASS_MAIL for value in _values(message, "Precedence"))
        or any(part.get_content_type() in REPORTS for part in message.walk())
        or replies.is_answer(message)
        or replies.says_bounce(message)
        or "X-Failed-Recipients" in message
        or DAEMON.search(reports.field(message, "From")) is not None
    )


def _values(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]
