"""What the library adds to the pages of the staff and of visitors, to mailings, and to backups."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from crm.base import block_kinds, locales, registries
from crm.base.digest_news import News, NewsItem, news
from crm.base.public_pages import HomePart, PublicEntry, home_parts, public_menu, sitemap
from crm.extensions import db
from crm.resources import asking, block, proposing, searching, segment_fields, storage, telling
from crm.resources.models import Resource

NEWEST = 3


def register() -> None:
    """Enter the library wherever something is listed, chosen or kept."""
    entry = registries.MenuEntry("Library", "resources_staff.index", "resources.see", 65)
    registries.menu.add("library", entry)
    downloads = registries.MenuEntry(
        "Downloads", "downloads_staff.index", "resources.see", 66, within="library", waiting=proposing.waiting
    )
    registries.menu.add("downloads", downloads)
    registries.kept_files.add(storage.SHELF.folder, storage.SHELF.files)
    segment_fields.register()
    asking.register()
    block_kinds.blocks.add("resource", block.kind())
    public_menu.add("resources", PublicEntry(_l("Resources"), "resources_public.index", 40, shown=any_published))
    sitemap.add("resources", pages)
    news.add("resources", News(_l("New in our library"), new_between))
    home_parts.add("resources", HomePart("resources/public/home_part.html", newest, 40))


def any_published() -> bool:
    """Tell whether there is anything in the library."""
    return db.session.scalar(select(Resource.id).where(Resource.state == "published").limit(1)) is not None


def pages() -> Iterable[tuple[str, datetime | None]]:
    """Return the pages of published resources, and when they were changed last."""
    rows = db.session.execute(select(Resource.slug, Resource.updated_at).where(Resource.state == "published"))
    found = [(url_for("resources_public.show", slug=slug), at) for slug, at in rows]
    return [(url_for("resources_public.index"), max(at for _, at in found)), *found] if found else []


def new_between(since: datetime, until: datetime, language: str) -> list[NewsItem]:
    """Return what was published between these moments, the newest first."""
    query = select(Resource).where(Resource.state == "published", Resource.published_at >= since)
    query = query.where(Resource.published_at < until).order_by(Resource.published_at.desc(), Resource.id.desc())
    return [
        NewsItem(
            locales.said(one.titles, language).text or one.name,
            locales.said(one.summaries, language).text,
            f"/resources/{one.slug}",
            one.published_at or since,
        )
        for one in db.session.scalars(query)
    ]


def newest() -> dict[str, Any] | None:
    """Return the resources that came out last, for the home page; None where there are none."""
    found = db.session.scalars(searching.published(searching.Wanted()).limit(NEWEST)).all()
    return {"resources": found, "telling": telling} if found else None
