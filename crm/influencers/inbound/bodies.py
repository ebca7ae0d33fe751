"""The text of a mail: its plain part, or its HTML as text; and that of a mail that is attached to it."""

import codecs
import html
import logging
import re
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from itertools import islice

from inscriptis import get_text

from crm.delivery.bounces.mails import MOST_PARTS, plain
from crm.delivery.bounces.reports import field as header
from crm.influencers.inbound.header_addresses import addresses_in

log = logging.getLogger(__name__)

LONGEST = 100_000  # characters of text that are kept
MOST_OCTETS = 400_000  # of one part that are read
MOST_HTML = 250_000
MOST_NAMED = 20  # attachments
INNER = "message/rfc822"
# Python knows "charsets" that take time without end (punycode), or are none.
CHARSETS = re.compile(r"utf|iso|latin|cp\d|koi8|big5|gb|shift|euc|ascii|mac|tis|johab|kz|ptcp|hp")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>")
CLOSES_ITSELF = {"br", "hr", "img", "input", "meta", "link", "col", "p", "li", "dt", "dd", "tr", "option"}
CELLS = {"td", "th"}
DEEPEST_TABLES = 30
MOST_CELLS = 5000
DEEPEST = 200  # More than mail programs write; libxml2 goes to 256.


@dataclass
class Found:
    """What stands in a mail. inner: the text of the first mail attached to it, and whom its head names."""

    text: str = ""
    inner: str = ""
    inner_addresses: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)


def of(message: Message) -> Found:
    """Return the text, at most 100,000 characters, and the names of what is attached."""
    parts = list(islice(message.walk(), MOST_PARTS))
    inner = next((part for part in parts[1:] if part.get_content_type() == INNER), None)
    inside = list(islice(inner.walk(), MOST_PARTS))[1:] if inner else []
    own = [part for part in parts if not any(part is one for one in inside)]
    found = Found(text=_text(own), attached=_attached(own))
    if inside:
        head = [header(inside[0], name) for name in ("Subject", "From", "Date", "To", "Cc")]
        found.inner = f"{plain(' · '.join(filter(None, head)), 1000)}\n\n{_text(inside)}"[:LONGEST]
        found.inner_addresses = [one for value in (head[1], *head[3:]) for one in addresses_in(value)]
    return found


def _text(parts: Iterable[Message]) -> str:
    shown = [part for part in parts if not part.is_multipart() and not _is_attached(part)]
    texts = [_decoded(part) for part in shown if part.get_content_type() == "text/plain"]
    text = "\n\n".join(filter(str.strip, texts))
    if not text:
        pages = [_decoded(part) for part in shown if part.get_content_type() == "text/html"]
        text = _of_html("<hr>".join(pages)[:MOST_HTML]) if pages else ""
    lines = [line.rstrip() for line in plain(text.replace("\r\n", "\n").replace("\r", "\n"), LONGEST).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _of_html(page: str) -> str:
    """Return HTML as text. No attribute is read (one may indent by a million); what costs time is not laid out."""
    bare = TAG.sub(lambda match: f"<{match[1]}{match[2]}>", page)
    if not _is_costly(bare):
        try:
            return textwrap.dedent(get_text(f"<div>{bare}</div>"))
        except Exception:
            log.warning("HTML of a mail cannot be laid out as text", exc_info=True)
    return html.unescape(TAG.sub(" ", bare))


def _is_costly(page: str) -> bool:
    """Return whether elements are nested deeper, or tables are larger, than mail programs write them."""
    opened: Counter[str] = Counter()
    for match in TAG.finditer(page):
        name = match[2].lower()
        if name in CELLS:
            opened["cells"] += 1
        elif name not in CLOSES_ITSELF:
            step = 1 if not match[1] else -1 if opened[name] else 0
            opened[name] += step
            opened["elements"] += step
        if opened["elements"] > DEEPEST or opened["table"] > DEEPEST_TABLES or opened["cells"] > MOST_CELLS:
            return True
    return False


def _decoded(part: Message) -> str:
    """Return the text of a part, whatever its headers say of it."""
    try:
        octets = part.get_payload(decode=True)
    except Exception:
        octets = None
    if not isinstance(octets, bytes):
        octets = str(part.get_payload()).encode("utf-8", "replace")
    return octets[:MOST_OCTETS].decode(_charset(part), "replace")


def _charset(part: Message) -> str:
    try:
        name = codecs.lookup(str(part.get_content_charset() or "utf-8")).name
    except (LookupError, ValueError, TypeError):
        return "utf-8"
    return name if CHARSETS.match(name) and name != "utf-7" else "utf-8"


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _attached(parts: Iterable[Message]) -> list[str]:
    """Return the names of attachments, as they may be shown."""
    named = (_name(part) for part in parts if not part.is_multipart() or part.get_content_type() == INNER)
    return list(islice(filter(None, named), MOST_NAMED))


def _name(part: Message) -> str:
    try:
        name = " ".join(plain(str(part.get_filename() or ""), 200).split())
    except Exception:
        name = ""
    return name or ("(no name)" if _is_attached(part) else "")
