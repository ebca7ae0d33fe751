"""Text as it travels: headers (RFC 2047), quoted-printable bodies (RFC 2045), doubled dots (RFC 5321 §4.5.2)."""

import hashlib
import re
from base64 import b64encode
from binascii import b2a_qp
from functools import lru_cache

from crm.delivery.addresses import wire_form

HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LINE_ENDS = re.compile(r"\r\n|\r|\n|\u2028|\u2029")
MAILBOX = re.compile(r"([^<>]*)<([^<>]+)>\s*")
LONGEST_WORD = 45  # bytes before base64, so that an encoded word stays within 75 characters
LIST_IDENTIFIER = re.compile(r"<[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)+>")
LONGEST_LIST_ID = 255
FIRST_WORD = 30  # bytes; the name of the header stands on the same line
LONGEST_LINE = 78


class BadHeader(ValueError):
    """A header with a line break, a NUL or a name that is none."""


def header(name: str, value: str, fold: bool = True) -> bytes:
    """Return one header line with its CRLF. Raises BadHeader for anything that would make two of it."""
    if not HEADER_NAME.fullmatch(name):
        raise BadHeader(f"{name!r} is not a header name")
    if any(sign in value for sign in "\r\n\0"):
        raise BadHeader(f"the header {name} holds a line break")
    text = encoded(value, len(name) + 2) if fold or not value.isascii() else value.encode("ascii")
    return name.encode("ascii") + b": " + text + b"\r\n"


def encoded(value: str, used: int = 0) -> bytes:
    """Return an unstructured header value, as encoded words if it is not short plain ASCII. `used`: columns taken."""
    value = CONTROLS.sub("", LINE_ENDS.sub(" ", value).replace("\t", " "))
    if value.isascii() and used + len(value) <= LONGEST_LINE and "=?" not in value:
        return value.encode("ascii")
    words: list[bytes] = []
    word = b""
    for sign in value:
        octets = sign.encode("utf-8", "replace")
        if len(word) + len(octets) > (LONGEST_WORD if words else FIRST_WORD):
            words.append(word)
            word = b""
        word += octets
    return b"\r\n ".join(b"=?utf-8?B?" + b64encode(part) + b"?=" for part in [*words, word] if part)


def mailbox(sender: str) -> tuple[bytes, str]:
    """Return a `Name <address>` as a header value, and the bare address. Raises BadHeader or BadAddress."""
    if any(sign in sender for sign in "\r\n\0"):
        raise BadHeader("a sender may not hold a line break")
    name, address = parts(sender)
    address, needs_utf8 = wire_form(address)
    if needs_utf8:
        raise BadHeader(f"the sender {address!r} must be plain ASCII before the @")
    if not name:
        return address.encode("ascii"), address
    return named(name, address), address


def parts(sender: str) -> tuple[str, str]:
    """Return the name and the address of a `Name <address>`, unquoted; no name where it is an address alone."""
    match = MAILBOX.fullmatch(sender)
    name, address = (match[1].strip(), match[2]) if match else ("", sender.strip())
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name, address


def named(name: str, address: str) -> bytes:
    """Return the header value of an address that can be sent to, with whatever name somebody gave."""
    name = " ".join(CONTROLS.sub("", LINE_ENDS.sub(" ", name)).split())
    if not name:
        return address.encode("ascii")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    # Some readers decode encoded words even where none may stand, in a quoted string (RFC 2047 §5).
    plain = name.isascii() and "=?" not in name and len(name) + len(address) < LONGEST_LINE - 16
    shown = f'"{quoted}"'.encode() if plain else encoded(name, LONGEST_LINE)
    gap = " " if plain else "\r\n "
    return shown + f"{gap}<{address}>".encode("ascii")


def list_id(label: str, domain: str) -> str:
    """Return the List-Id's value: the label as words, and the identifier, at most 255 octets (RFC 2919 §3)."""
    identifier = f"<{label}.{domain}>".lower()
    if not LIST_IDENTIFIER.fullmatch(identifier) or len(identifier) > LONGEST_LIST_ID:
        label = "l" + hashlib.sha256(label.encode()).hexdigest()[:32]
        return f"<{label}.{domain[-(LONGEST_LIST_ID - len(label) - 3) :].lstrip('.-')}>"
    words = re.sub(r"[^a-z0-9]+", " ", label).strip().capitalize()
    return f"{words} {identifier}" if words and len(words) + 1 + len(identifier) <= LONGEST_LIST_ID else identifier


def literal(text: str) -> bytes:
    """Return a piece of a body in quoted-printable, dots doubled, as if it stood at the start of a line."""
    text = CONTROLS.sub("", LINE_ENDS.sub("\r\n", text))
    return stuffed(b2a_qp(text.encode("utf-8", "replace"), istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@lru_cache(maxsize=256)
def spliced(value: str) -> bytes:
    """Return a merge value in quoted-printable, ended by a soft line break: what follows starts a new line of its own.

    So neither the value nor what stands around it can break the limits of a line. The last ones are kept: a link stands
    in both parts of a message, and many people share a first name.
    """
    if value.isascii() and value.isalnum() and len(value) < 70:
        return value.encode("ascii") + b"=\r\n"
    return literal(value) + b"=\r\n" if value else b""


def stuffed(octets: bytes) -> bytes:
    if octets.startswith(b"."):
        octets = b"." + octets
    return octets.replace(b"\r\n.", b"\r\n..")
