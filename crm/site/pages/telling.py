"""A page as its readers see it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import render_template

from crm.base import locales, sharing
from crm.site.pages import places, saying
from crm.site.pages.models import SitePage
from crm.site.public_navigation import public_url

BACK = {"post": "site_news.index", "story": "site_stories.index"}


def page(found: SitePage, content: Mapping[str, Any], language: str = "", *, preview: bool = False) -> str:
    """Return the HTML of a page that says this, in that language or the reader's."""
    said = saying.said(content, language or locales.language(), found.language)
    url = public_url(places.path_of(found)) + "?" + urlencode({"lang": said.language, "utm_source": "share"})
    ways = sharing.ways(url, f"{said.title} {url}", said.title)
    values = {"page": found, "said": said, "preview": preview, "ways": ways}
    values["signed"] = found.signed if preview else said.signed
    return render_template("site/pages/show.html", **values, back=BACK.get(found.kind, ""))
