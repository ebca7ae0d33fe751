"""The archive as an Atom feed (RFC 4287), so that people can follow it without giving an address."""

import re
from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring  # Only written here, never read.

from crm.base import clock
from crm.contacts.sources import Trail
from crm.mailings.archive import addresses, pages

NAMESPACE = "http://www.w3.org/2005/Atom"
XML = "{http://www.w3.org/XML/1998/namespace}"
TYPE = "application/atom+xml"
ENTRIES = 30
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(found: Sequence[tuple[pages.Shown, str]], title: str, author: str, language: str) -> bytes:
    """Return the feed of these mailings with their slugs, the newest first."""
    feed = Element("feed", {"xmlns": NAMESPACE, f"{XML}lang": language})
    _add(feed, "title", title)
    _add(feed, "id", addresses.public("/archive/"))
    _add(feed, "updated", _moment(max((one.at for one, _ in found if one.at), default=clock.now())))
    _link(feed, "self", addresses.public("/archive/feed.xml", lang=language), TYPE)
    _link(feed, "alternate", addresses.public("/archive/", lang=language), "text/html")
    _add(SubElement(feed, "author"), "name", author)
    for one, slug in found:
        _entry(feed, one, slug)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="utf-8")


def _entry(feed: Element, one: pages.Shown, slug: str) -> None:
    entry = SubElement(feed, "entry", {f"{XML}lang": one.language})
    _add(entry, "title", one.subject)
    _add(entry, "id", addresses.public(f"/archive/{slug}"))
    moment = _moment(one.at or clock.now())
    _add(entry, "published", moment)
    _add(entry, "updated", moment)
    credit = {"utm_source": "feed", "utm_medium": "atom", "utm_campaign": slug}
    _link(entry, "alternate", addresses.public(f"/archive/{slug}", lang=one.language, **credit), "text/html")
    if one.preheader:
        _add(entry, "summary", one.preheader)
    _add(entry, "content", pages.mail(one, Trail(), slug).text)


def _add(parent: Element, name: str, text: str) -> None:
    # Of type text, which is what an element says that names none (§3.1.1).
    SubElement(parent, name).text = NO_XML.sub("", text)


def _link(parent: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(parent, "link", {"rel": rel, "type": media_type, "href": href})


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
