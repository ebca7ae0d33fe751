"""What a copy of a mail says. Nothing that anybody can send makes it fail, or take much time or room."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urlsplit

from flask import current_app

from crm.base.ways_in import ways_in
from crm.delivery.bounces import replies, reports
from crm.delivery.bounces.mails import MOST_PARTS, Mail
from crm.influencers.inbound import bodies, quoting
from crm.influencers.inbound.header_addresses import LONGEST, addresses_in
from crm.influencers.inbound.signed import ADDRESS

log = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
MOST_ADDRESSED = 20  # signed addresses that are looked at
SENT_TO = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
REPORTS = ("multipart/report", "message/delivery-status", "message/feedback-report")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
MOST_REFERENCES = 8
LIST_DOMAIN = re.compile(r"<[^<>\s]*?\.([^<>\s]+)>")


@dataclass(frozen=True)
class Copy:
    """A mail, as far as it is kept. sender: the one address of From, "" where there are several or none.

    forwarded: whom the head that it quotes names. to: the signed addresses that it was sent to. machine: a machine
    wrote it, or we did. precedence: as the mail says it. message_id and references: its own, and those of the mails
    that it answers, the last ones. digest: of what tells mails apart, by whatever way they came.
    """

    digest: str
    written_at: datetime
    sender: str = ""
    receivers: Sequence[str] = ()
    forwarded: Sequence[str] = ()
    to: Sequence[str] = ()
    subject: str = ""
    text: str = ""
    quoted: str = ""
    attached: Sequence[str] = field(default_factory=tuple)
    machine: bool = False
    precedence: str = ""
    message_id: str = ""
    references: Sequence[str] = ()


def read(mail: Mail, arrived: datetime) -> Copy:
    """Return what the mail says; of one that cannot be read, that."""
    try:
        return _read(mail, arrived)
    except Exception:  # It is hostile, and the parsers are not ours alone.
        log.warning("%s cannot be read", mail.name, exc_info=True)
        to = _signed_in(mail.octets[:LONGEST].decode("ascii", "replace"))
        return Copy(mail.digest, arrived, to=to, subject="(This mail cannot be read)")


def _read(mail: Mail, arrived: datetime) -> Copy:
    message = mail.parsed()
    found = bodies.of(message)
    text, quoted = quoting.split(found.text)
    if found.inner:
        quoted = f"{quoted}\n\n{found.inner}".strip("\n")[: bodies.LONGEST]
    senders = addresses_in(_values(message, "from"))
    said = [reports.field(message, name) for name in ("Message-ID", "From", "To", "Cc", "Date", "Subject")]
    return Copy(
        digest=hashlib.sha256("\0".join([*said, found.text]).encode("utf-8", "replace")).hexdigest(),
        written_at=_written_at(message, arrived),
        sender=senders[0] if len(senders) == 1 else "",
        receivers=[*addresses_in(_values(message, "to")), *addresses_in(_values(message, "cc"))],
        forwarded=found.inner_addresses or quoting.forwarded_addresses(quoted),
        to=_addressed(message),
        subject=" ".join(reports.subject(message).split())[:LONGEST_SUBJECT],
        text=text,
        quoted=quoted,
        attached=found.attached,
        machine=_is_from_machine(message),
        precedence=reports.field(message, "Precedence").lower(),
        message_id=next(iter(_message_ids(message, "message-id")), ""),
        references=_message_ids(message, "references") or _message_ids(message, "in-reply-to"),
    )


def _values(message: Message, *names: str) -> str:
    """Return the values of these fields as one, from the top of the mail alone."""
    return ",".join(str(value) for name, value in message.raw_items() if name.lower() in names)[:LONGEST]


def _addressed(message: Message) -> list[str]:
    return _signed_in(_values(message, *SENT_TO))


def _signed_in(text: str) -> list[str]:
    """Return the addresses of ours in it, whoever signed them: those for copies, then those of other ways in."""
    patterns = (ADDRESS, *(way.address for way in ways_in))
    found = (match[0].lower() for pattern in patterns for match in islice(pattern.finditer(text), MOST_ADDRESSED))
    return list(dict.fromkeys(found))[:MOST_ADDRESSED]


def _message_ids(message: Message, name: str) -> list[str]:
    return MESSAGE_ID.findall(_values(message, name))[-MOST_REFERENCES:]


def _written_at(message: Message, arrived: datetime) -> datetime:
    """Return the date that the mail gives, where that is one; else when it arrived."""
    try:
        given = parsedate_to_datetime(reports.field(message, "Date"))
        given = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return arrived
    return given if OLDEST <= given <= arrived + AHEAD else arrived


def _is_from_machine(message: Message) -> bool:
    """A report, an automatic answer (RFC 3834 §2 and §5), or mail of ours: nobody wrote it to somebody."""
    said = reports.field(message, "Auto-Submitted").lower().partition(";")[0].strip()
    kinds = {part.get_content_type() for part in islice(message.walk(), MOST_PARTS)}
    return (
        said not in ("", "no")
        or reports.field(message, "Return-Path").replace(" ", "") == "<>"
        or reports.field(message, "Precedence").lower() == "auto_reply"
        or any(sign in message for sign in replies.SIGNS)
        or bool(kinds & set(REPORTS))
        or reports.is_receipt(message)
        or _is_of_our_lists(message)
    )


def _is_of_our_lists(message: Message) -> bool:
    ours = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    match = LIST_DOMAIN.search(reports.field(message, "List-Id"))
    return match is not None and match[1].lower() == ours
