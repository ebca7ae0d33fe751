"""What search engines are told: which pages there are, in which languages, and which to leave alone."""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring  # Only written here, never read.

from flask import Blueprint, Response, url_for

from crm.base.guards import public
from crm.base.locales import LANGUAGES
from crm.base.public_pages import public_url, sitemap

bp = Blueprint("search_engines", __name__)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
MOST = 50_000  # addresses, as the protocol of sitemaps allows
PRIVATE = ["/staff", "/login", "/password", "/setup", "/dev/", "/confirm/", "/preferences/", "/unsubscribe/", "/view/"]


@bp.get("/sitemap.xml")
@public
def site_map() -> Response:
    """Return each public page with its languages (sitemaps.org; alternates as search engines read them)."""
    urls = Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for number, (path, changed) in enumerate(_pages()):
        if number == MOST:
            break
        _add(urls, path, changed)
    body = b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(urls, encoding="utf-8")
    return Response(body, mimetype="application/xml")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Return which pages robots leave alone (RFC 9309), and where the sitemap lies."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), "", f"Sitemap: {_address('.site_map')}", ""]
    return Response("\n".join(lines), mimetype="text/plain")


def _pages() -> Iterator[tuple[str, datetime | None]]:
    seen: set[str] = set()
    for told in sitemap:
        for path, changed in told():
            if path not in seen:
                seen.add(path)
                yield path, changed


def _add(urls: Element, path: str, changed: datetime | None) -> None:
    url = SubElement(urls, "url")
    SubElement(url, "loc").text = public_url(path)
    if changed:
        SubElement(url, "lastmod").text = changed.strftime("%Y-%m-%dT%H:%M:%SZ")
    for code in LANGUAGES:
        href = public_url(f"{path}?lang={code}")
        SubElement(url, "xhtml:link", {"rel": "alternate", "hreflang": code, "href": href})


def _address(endpoint: str) -> str:
    return public_url(url_for(endpoint))
