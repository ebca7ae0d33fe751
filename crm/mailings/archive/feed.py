"""The archive as an Atom feed, so that people can follow it without giving an address."""

from collections.abc import Sequence

from crm.base import atom
from crm.base.public_pages import public_url
from crm.contacts.sources import Trail
from crm.mailings.archive import pages


def write(found: Sequence[tuple[pages.Shown, str]], title: str, author: str, language: str) -> bytes:
    """Return the feed of these mailings with their slugs, the newest first."""
    page = public_url("/archive/", lang=language)
    itself = public_url("/archive/feed.xml", lang=language)
    feed = atom.Feed(title, public_url("/archive/"), itself, page, author, language)
    return atom.write(feed, [entry(one, slug) for one, slug in found])


def entry(one: pages.Shown, slug: str) -> atom.Entry:
    """Return a mailing of the archive as an entry of a feed; its link credits the feed."""
    credit = {"utm_source": "feed", "utm_medium": "atom", "utm_campaign": slug}
    return atom.Entry(
        title=one.subject,
        id=public_url(f"/archive/{slug}"),
        url=public_url(f"/archive/{slug}", lang=one.language, **credit),
        at=one.at,
        language=one.language,
        summary=one.preheader,
        text=pages.mail(one, Trail(), slug).text,
    )
