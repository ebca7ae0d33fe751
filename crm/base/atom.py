"""Atom feeds (RFC 4287), so that people can follow what is published without giving an address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring  # Only written here, never read.

from crm.base import clock

NAMESPACE = "http://www.w3.org/2005/Atom"
XML = "{http://www.w3.org/XML/1998/namespace}"
TYPE = "application/atom+xml"
ENTRIES = 30
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Feed:
    """What a feed says of itself: `id` stays the same for good, `itself` and `page` are addresses in this language."""

    title: str
    id: str
    itself: str
    page: str
    author: str
    language: str


@dataclass(frozen=True)
class Entry:
    """One thing that was published; `text` is plain text."""

    title: str
    id: str
    url: str
    at: datetime | None
    language: str
    summary: str = ""
    text: str = ""
    changed: datetime | None = None


def write(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Return the feed of these entries, the newest first."""
    root = Element("feed", {"xmlns": NAMESPACE, f"{XML}lang": feed.language})
    _add(root, "title", feed.title)
    _add(root, "id", feed.id)
    moments = [one.changed or one.at for one in entries]
    _add(root, "updated", _moment(max((at for at in moments if at), default=clock.now())))
    _link(root, "self", feed.itself, TYPE)
    _link(root, "alternate", feed.page, "text/html")
    _add(SubElement(root, "author"), "name", feed.author)
    for one in entries:
        _entry(root, one)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8")


def _entry(root: Element, one: Entry) -> None:
    entry = SubElement(root, "entry", {f"{XML}lang": one.language})
    _add(entry, "title", one.title)
    _add(entry, "id", one.id)
    at = one.at or clock.now()
    _add(entry, "published", _moment(at))
    _add(entry, "updated", _moment(one.changed or at))
    _link(entry, "alternate", one.url, "text/html")
    if one.summary:
        _add(entry, "summary", one.summary)
    if one.text:
        _add(entry, "content", one.text)


def _add(parent: Element, name: str, text: str) -> None:
    # Of type text, which is what an element says that names none (§3.1.1).
    SubElement(parent, name).text = NO_XML.sub("", text)


def _link(parent: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(parent, "link", {"rel": rel, "type": media_type, "href": href})


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
