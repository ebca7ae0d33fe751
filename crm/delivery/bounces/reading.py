"""What a mail says: each way to read it in turn, the exact ones first. Nothing that anybody can send makes it fail."""

import logging
import re
from email import message_from_bytes
from email.message import Message

from flufl.bounce._scan import _DETECTORS  # all_failures() lets one detector's fault end the whole scan.

from crm.delivery.bounces import classes, replies, reports
from crm.delivery.bounces.mails import Mail, decoded
from crm.delivery.bounces.reports import Finding

log = logging.getLogger(__name__)

LONGEST_TEXT = 60_000  # characters that are searched for words
NOTHING = Finding(classes.NONE)
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
STILL_TRYING = re.compile(r"warning|delay|still trying", re.IGNORECASE)
COPY_BEGINS = (
    "--- below this line is a copy",
    "this is a copy of the message",
    "this is a copy of your message",
    "------ this is a copy",
    "----- original message -----",
    "----- message header follows -----",
    "----- unsent message follows -----",
    "return-path:",
)


def findings(mail: Mail, message: Message) -> list[Finding]:
    """Return what a mail says, at least one finding: class none where it is no bounce."""
    try:
        return _read(mail, message)
    except Exception:  # It is hostile, and the parsers are not ours alone.
        log.warning("%s cannot be read and is taken for no bounce", mail.name, exc_info=True)
        return [NOTHING]


def _read(mail: Mail, message: Message) -> list[Finding]:
    if found := reports.feedback(message) or reports.delivery_status(message):
        return found
    text = own_text(message)
    if replies.is_automatic(message, text):
        return [Finding(classes.AUTO_REPLY)]
    return _guessed(mail, message, text) or [NOTHING]


def own_text(message: Message) -> str:
    """Return the text that the reporter wrote, without the copy of our mail behind it."""
    texts: list[str] = []
    for part in message.walk():
        if part.get_content_type() in RETURNED:
            break
        if part.get_content_maintype() == "text" or not part.is_multipart():
            texts.append(decoded(part)[:LONGEST_TEXT])
    text = "\n".join(texts)[:LONGEST_TEXT]
    low = text.lower()
    begins = [place for mark in COPY_BEGINS if (place := low.find(mark)) > 0]
    return text[: min(begins)] if begins else text


def _guessed(mail: Mail, message: Message, text: str) -> list[Finding]:
    if not replies.looks_like_bounce(message):
        return []
    temporary, permanent = _detected(mail)
    statuses, code = classes.statuses_in(text), classes.code_in(text)
    if not (temporary or permanent or statuses or code or replies.says_bounce(message)):
        return []
    status = statuses[0] if statuses else ""
    line = _telling_line(text)
    if (permanent or not temporary) and not STILL_TRYING.search(reports.subject(message)):
        kind = classes.of_refusal(statuses, code, text, line)
        return [Finding(kind, status, address, line) for address in permanent or [""]]
    delayed = bool(STILL_TRYING.search(reports.subject(message)))
    return [Finding(classes.SOFT, status, address, line, delayed) for address in temporary or permanent or [""]]


def _detected(mail: Mail) -> tuple[list[str], list[str]]:
    """Return the addresses that flufl.bounce finds: failed for now, failed. Some detectors raise on some mails."""
    message = message_from_bytes(mail.octets[:LONGEST_TEXT])
    for detector in _DETECTORS:
        try:
            temporary, permanent = detector().process(message)
        except Exception:
            log.debug("flufl.bounce's %s failed on %s", detector.__name__, mail.name, exc_info=True)
            continue
        if temporary or permanent:
            return _addresses(temporary), _addresses(permanent)
    return [], []


def _addresses(found: frozenset[bytes]) -> list[str]:
    texts = (reports.address(octets.decode("utf-8", "replace")) for octets in found)
    return sorted(address for address in texts if address)[:20]


def _telling_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = (line for line in lines if classes.STATUS.search(line) or classes.CODE.search(line))
    unknown = (line for line in lines if classes.UNKNOWN_USER.search(line))
    found = next(telling, None) or next(unknown, None) or (lines[0] if lines else "")
    return reports.plain(found, reports.LONGEST_DIAGNOSTIC)
