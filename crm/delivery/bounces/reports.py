"""Reports that machines write: delivery status (RFC 3464) and feedback, that is complaints (RFC 5965)."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice

from crm.delivery.bounces import classes
from crm.delivery.bounces.mails import decoded, plain
from crm.delivery.bounces.models import LONGEST_DIAGNOSTIC

MOST_RECIPIENTS = 50  # We send one copy to one recipient.
FAILED = ("failed", "failure", "error")  # OpenSMTPD writes "error".
NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc", "virus"})  # RFC 6430, RFC 6591, RFC 5965 §7.3


@dataclass(frozen=True)
class Finding:
    """What a mail says of one recipient: class, status (RFC 3463), address and diagnostic as it gives them.

    delayed: it is still tried, so it may arrive.
    """

    kind: str
    status: str = ""
    recipient: str = ""
    diagnostic: str = ""
    delayed: bool = False


def delivery_status(message: Message) -> list[Finding]:
    """Return a finding for each recipient of the first delivery-status part."""
    for part in message.walk():
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            found = (finding for block in _blocks(part) if (finding := _of_recipient(block)))
            return list(islice(found, MOST_RECIPIENTS))
    return []


def feedback(message: Message) -> list[Finding]:
    """Return the complaint of a feedback report, a finding of class none for praise and statistics, or nothing."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                if kind := field(block, "Feedback-Type").lower():
                    recipient = address(field(block, "Original-Rcpt-To"))
                    none = kind in NO_COMPLAINT
                    return [Finding(classes.NONE if none else classes.COMPLAINT, "", recipient, plain(kind, 60))]
    return []


def is_receipt(message: Message) -> bool:
    """Return whether it tells that somebody has read a mail (RFC 8098), which is no bounce."""
    return any(part.get_content_type() == "message/disposition-notification" for part in message.walk())


def field(block: Message, name: str) -> str:
    """Return a field on one line, empty where it is missing or cannot be read."""
    for key, value in block.raw_items():
        if key.lower() == name.lower():
            octets = str(value).encode("utf-8", "surrogateescape")
            return plain(" ".join(octets.decode("utf-8", "replace").split()), LONGEST_DIAGNOSTIC)
    return ""


def subject(message: Message) -> str:
    """Return the subject, its encoded words read where they can be."""
    raw = field(message, "Subject")
    try:
        return plain(str(make_header(decode_header(raw))), LONGEST_DIAGNOSTIC)
    except (MessageError, ValueError, LookupError):
        return raw


def address(value: str) -> str:
    """Return the address of a field such as `rfc822; <amina@mail.example>`, lower case; empty where there is none."""
    text = value.rpartition(";")[2].strip().strip("<>").strip().lower()
    text = text.removeprefix("rfc822:")
    good = "@" in text and " " not in text and text.isprintable() and len(text) <= 254
    return text if good else ""


def _blocks(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    inner = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    if field(part, "Content-Transfer-Encoding").lower() == "base64":  # RFC 3464 §2.1 forbids it, and it occurs.
        inner = [Message()]
        inner[0].set_payload("".join(_texts(part)))
        inner[0]["Content-Transfer-Encoding"] = "base64"
        yield from _from_text(decoded(inner[0]))
        return
    for block in inner:
        yield block
        yield from _from_text("".join(_texts(block)))
    if not inner:
        yield from _from_text(decoded(part))


def _texts(part: Message) -> Iterator[str]:
    for one in part.walk():
        payload = one.get_payload()
        if isinstance(payload, str):
            yield payload


def _from_text(text: str) -> Iterator[Message]:
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        block = Message()
        for line in paragraph.splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip() and " " not in name.strip():
                block[name.strip()] = value.strip()
        yield block


def _of_recipient(block: Message) -> Finding | None:
    action = field(block, "Action").lower().partition(" ")[0].strip("();,")
    recipient = address(field(block, "Original-Recipient")) or address(field(block, "Final-Recipient"))
    if not action and not recipient and not field(block, "Status"):
        return None  # The block about the whole message.
    diagnostic = field(block, "Diagnostic-Code").partition(";")[2].strip() or field(block, "Diagnostic-Code")
    given = classes.statuses_in(field(block, "Status"))
    statuses = [*given, *classes.statuses_in(diagnostic)]
    status = next((one for one in statuses if not one.endswith(".0.0")), statuses[0] if statuses else "")
    if action.startswith("delay"):
        kind = classes.SOFT
    elif (action and not action.startswith(FAILED)) or field(block, "Status").startswith("2."):
        kind = classes.NONE  # delivered, relayed, expanded
    else:
        kind = classes.of_refusal(statuses, classes.code_in(diagnostic), diagnostic)
    return Finding(kind, status, recipient, diagnostic, action.startswith("delay"))
