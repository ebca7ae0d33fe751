"""A mail as it lies somewhere: its name, its digest, and as much of it as is read."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

MOST_BYTES = 1024 * 1024  # What follows is not looked at.
MOST_LINES = 50_000
MOST_PARTS = 100  # Deeper nests cost the parser time that grows with their depth.
LONGEST_FIELD = 4000  # bytes of Content-…: the time that their parameters cost grows with the square.
FIELDS = re.compile(rb"^content-[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
EXCERPT = 4000  # characters
BREAKS = re.compile(rb"\r\n|\r")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Mail:
    """A mail: where it came from, SHA-256 of all of it, its first megabyte with plain line ends."""

    name: str
    digest: str
    octets: bytes

    def parsed(self) -> Message:
        """Return it as the standard library reads it; a nest of too many parts as one flat part."""
        octets = FIELDS.sub(lambda match: match[0][:LONGEST_FIELD], self.octets)
        if len(re.findall(rb"boundary|message/", octets, re.IGNORECASE)) > MOST_PARTS:
            octets = re.sub(rb"(?im)^content-type:", b"X-Type:", octets)
        return message_from_bytes(octets)


def whole(name: str, chunks: Iterable[bytes]) -> Mail:
    """Return the mail that these chunks make up; however long it is, little of it is held."""
    digest, kept, size = hashlib.sha256(), [], 0
    for chunk in chunks:
        digest.update(chunk)
        if size < MOST_BYTES:
            kept.append(chunk[: MOST_BYTES - size])
            size += len(kept[-1])
    lines = BREAKS.sub(b"\n", b"".join(kept)).split(b"\n", MOST_LINES)
    return Mail(name, digest.hexdigest(), b"\n".join(lines[:MOST_LINES]))


def plain(text: str, longest: int) -> str:
    """Return hostile text as it may be kept: without controls and bidirectional marks, cut."""
    return CONTROLS.sub(" ", text[: longest * 2]).strip()[:longest]


def decoded(part: Message) -> str:
    """Return the text of one part that is no multipart; whatever its headers say, this does not fail."""
    try:
        payload = part.get_payload(decode=True)
    except Exception:
        payload = None
    if not isinstance(payload, bytes):
        payload = str(part.get_payload()).encode("utf-8", "replace")
    return payload.decode("utf-8", "replace")
