"""Posts and the mailings of the archive in one order, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from crm.base import atom, locales
from crm.base.pages import Page, cut
from crm.base.public_pages import public_url
from crm.extensions import db
from crm.mailings.archive import archiving, feed, pages
from crm.mailings.archive.models import MailingArchive
from crm.mailings.models import Mailing
from crm.site.pages import places, saying
from crm.site.pages.models import SitePage

PER_PAGE = 20


@dataclass(frozen=True)
class Item:
    """A post or a mailing in the list."""

    title: str
    description: str
    path: str
    language: str
    at: datetime


def page(number: int, per_page: int = PER_PAGE) -> Page:
    """Return one page of the news; a number past the end gives the last one."""
    keys = _keys()
    return cut(lambda start, stop: _items(keys[start:stop]), len(keys), number, per_page=per_page)


def entries() -> list[atom.Entry]:
    """Return the newest of the news for a feed."""
    found: list[atom.Entry] = []
    for at, kind, number in _keys()[: atom.ENTRIES]:
        if kind == "mailing":
            mailing = db.session.get_one(Mailing, number)
            shown = pages.shown(mailing, locales.language(), at)
            found.append(feed.entry(shown, archiving.place_of(mailing).slug))
        else:
            found.append(_post_entry(db.session.get_one(SitePage, number)))
    return found


def any_news() -> bool:
    """Tell whether there is anything to read."""
    return bool(_keys(1))


def _keys(most: int | None = None) -> list[tuple[datetime, str, int]]:
    """Return (when, kind, number) of each, the newest first; of `most` only so many of each kind."""
    posts = places.shown("post").with_only_columns(SitePage.published_at, SitePage.id).limit(most)
    columns = (MailingArchive.published_at, MailingArchive.mailing_id)
    mailings = archiving.published().with_only_columns(*columns).limit(most)
    both = {"post": db.session.execute(posts).all(), "mailing": db.session.execute(mailings).all()}
    found = [(at, kind, number) for kind, rows in both.items() for at, number in rows if at is not None]
    return sorted(found, reverse=True)


def _items(keys: Sequence[tuple[datetime, str, int]]) -> list[Item]:
    wanted = {kind: [number for _, one, number in keys if one == kind] for kind in ("post", "mailing")}
    posts = {one.id: one for one in db.session.scalars(select(SitePage).where(SitePage.id.in_(wanted["post"])))}
    mailings = {one.id: one for one in db.session.scalars(select(Mailing).where(Mailing.id.in_(wanted["mailing"])))}
    return [_post(posts[number], at) if kind == "post" else _mailing(mailings[number], at) for at, kind, number in keys]


def _post(page: SitePage, at: datetime) -> Item:
    language = locales.language()
    content = page.shown or {}
    code = language if language in content else page.language
    text = content.get(code, saying.EMPTY)
    return Item(text["title"], text["description"], places.path_of(page), code, at)


def _mailing(mailing: Mailing, at: datetime) -> Item:
    shown = pages.shown(mailing, locales.language(), at)
    path = f"/archive/{archiving.place_of(mailing).slug}"
    return Item(shown.subject, shown.preheader, path, shown.language, at)


def _post_entry(page: SitePage) -> atom.Entry:
    said, url = _post(page, page.published_at or page.created_at), public_url(places.path_of(page))
    return atom.Entry(
        title=said.title,
        id=url,
        url=f"{url}?lang={said.language}&utm_source=feed&utm_medium=atom&utm_campaign={page.slug}",
        at=said.at,
        language=said.language,
        summary=said.description,
        changed=page.changed_at,
    )
