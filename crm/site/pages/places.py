"""Where pages stand: their addresses, what the public may read, and the menu."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from crm.base.database import insert_into
from crm.extensions import db
from crm.site.pages import saying
from crm.site.pages.models import SitePage, SiteSetting

FOLDERS = {"page": "/pages/", "post": "/news/", "story": "/stories/"}
ONLY = 1  # the key of the one row of settings
UNCHANGED: dict[str, Any] = {"id": ONLY, "primary": "", "menu": {}, "version": 1}
OF_THE_SITE = {"home": "/", "about": "/about", "privacy": "/privacy"}


def path_of(page: SitePage) -> str:
    """Return the path at which the public reads the page."""
    return OF_THE_SITE[page.fixed] if page.fixed else FOLDERS[page.kind] + page.slug


def is_shown() -> ColumnElement[bool]:
    """Return the condition for pages that the public may read."""
    return and_(SitePage.shown.is_not(None), SitePage.withdrawn_at.is_(None))


def shown(kind: str) -> Select[Any]:
    """Return the query of the pages of a kind that the public may read, the newest first."""
    query = select(SitePage).where(SitePage.kind == kind, SitePage.fixed.is_(None), is_shown())
    return query.order_by(SitePage.published_at.desc(), SitePage.id.desc())


def named(kind: str, slug: str) -> SitePage | None:
    """Return the page of that address that is or was public."""
    query = select(SitePage).where(SitePage.kind == kind, SitePage.slug == slug, SitePage.fixed.is_(None))
    return db.session.scalar(query.where(SitePage.published_at.is_not(None)))


def fixed(name: str) -> SitePage | None:
    """Return the page of the site itself of that name, where staff wrote and published it."""
    return db.session.scalar(select(SitePage).where(SitePage.fixed == name, is_shown()))


def everything_public() -> list[tuple[str, str]]:
    """Return (path, title) of each page that the public may read."""
    pages = db.session.scalars(select(SitePage).where(is_shown()).order_by(SitePage.kind, SitePage.slug))
    return [(path_of(page), saying.title_of(page)) for page in pages]


def for_search() -> list[tuple[str, datetime | None]]:
    """Return the path of each public page, with when it was last changed."""
    pages: Sequence[SitePage] = db.session.scalars(select(SitePage).where(is_shown())).all()
    return [(path_of(page), page.changed_at) for page in pages]


def setting() -> SiteSetting:
    """Return the settings of the site; new ones, not added yet, where nobody changed them."""
    return db.session.get(SiteSetting, ONLY) or SiteSetting(**UNCHANGED)


def setting_to_change() -> SiteSetting:
    """Return the settings of the site, added where nobody changed them: once, however many do so at the same time."""
    db.session.execute(insert_into(SiteSetting).values(**UNCHANGED).on_conflict_do_nothing())
    return db.session.get_one(SiteSetting, ONLY)
