"""What in a mail can name one of our deliveries, whoever wrote it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from crm.delivery import envelope
from crm.delivery.bounces.mails import Mail, decoded

ENCODED = ("base64", "quoted-printable")
# What else may stand before an envelope sender: forwarders put it into one of their own (SRS).
VERP = re.compile(r"(?<![a-z0-9])b\+(?=[0-9a-z]*\.|[0-9a-z]{20})([0-9a-z.]{1,100})", re.IGNORECASE)
# Numbers of 18 digits fit into the 64 bits of an id.
MESSAGE_ID = re.compile(r"(?<![0-9a-z.])(\d{1,18})\.([0-9a-f]{32})@", re.IGNORECASE)
TAG = re.compile(r"(?<![0-9a-z-])(\d{1,18})-([0-9a-f]{32})(?![0-9a-z-])", re.IGNORECASE)
MOST = 20  # of each kind


@dataclass(frozen=True)
class Clues:
    """Names of deliveries, each (id, uuid); those of `signed` carry a right HMAC. forged: a wrong one was there."""

    signed: tuple[tuple[int, str], ...] = ()
    message_ids: tuple[tuple[int, str], ...] = ()
    tags: tuple[tuple[int, str], ...] = ()
    forged: bool = False


def in_mail(mail: Mail, message: Message, key: bytes) -> Clues:
    """Return what a mail gives away: its own headers first, then what it returns of ours."""
    return in_text("\n".join(_texts(mail, message)), key)


def in_text(text: str, key: bytes) -> Clues:
    """Return the clues in a text."""
    names = [match[1].lower() for match in _first(VERP, text)]
    signed = tuple(found for name in names if (found := envelope.read_local_part(f"b+{name}", key)))
    return Clues(signed, _pairs(MESSAGE_ID, text), _pairs(TAG, text), bool(names) and not signed)


def _texts(mail: Mail, message: Message) -> Iterator[str]:
    yield mail.octets.decode("latin-1")
    for part in message.walk():
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ENCODED:
            yield decoded(part)


def _pairs(pattern: re.Pattern[str], text: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(match[1]), match[2].lower()) for match in _first(pattern, text))


def _first(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for number, match in enumerate(pattern.finditer(text)):
        if number >= MOST:
            return
        yield match
