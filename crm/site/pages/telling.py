"""A page as its readers see it."""

from collections.abc import Mapping
from typing import Any

from flask import abort, render_template, request

from crm.base import locales, sharing
from crm.contacts import links
from crm.contacts.sources import Trail
from crm.site.pages import places, saying
from crm.site.pages.models import SitePage

BACK = {"post": "site_news.index", "story": "site_stories.index"}


def published(kind: str, slug: str) -> str:
    """Return the HTML of that page; aborts with 404 where there is none, with 410 where it was taken off the site."""
    found = places.named(kind, slug) or abort(404)
    return page(found, found.shown) if found.shown else abort(410)


def gone(error: Exception) -> tuple[str, int]:
    """Say that a page was taken off the site."""
    return render_template("site/pages/gone.html"), 410


def page(found: SitePage, content: Mapping[str, Any], language: str = "", *, preview: bool = False) -> str:
    """Return the HTML of a page that says this, in that language or the reader's."""
    said = saying.said(content, language or locales.language(), found.language)
    url = links.passed_on(places.path_of(found), Trail.of(request.args), lang=said.language)
    ways = sharing.ways(url, f"{said.title} {url}", said.title)
    values = {"page": found, "said": said, "preview": preview, "ways": ways}
    values["signed"] = found.signed if preview else said.signed
    return render_template("site/pages/show.html", **values, back=BACK.get(found.kind, ""))
