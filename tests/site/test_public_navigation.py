"""The menu of the public pages, what subjects put on the home page, and what search engines and cards read."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from flask_babel import lazy_gettext

from crm.base.public_pages import HomePart, PublicEntry, home_parts, public_menu, sitemap

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def added():
    """Names that a test may add to any of the registries; taken out again after it."""
    yield "trial"
    for registry in (public_menu, sitemap, home_parts):
        registry._entries.pop("trial", None)


def test_a_subject_s_word_stands_in_the_menu_while_there_is_something_behind_it(client, added):
    there = []
    entry = PublicEntry(lazy_gettext("Privacy"), "site_public.privacy", 1, shown=lambda: bool(there))
    public_menu.add(added, entry)
    assert '<nav class="site-nav"' not in client.page("/").text or "/privacy" not in menu_of(client.page("/").text)
    there.append("something")
    assert 'href="/privacy">Privacy</a>' in menu_of(client.page("/").text)
    assert 'href="/privacy" aria-current="page">' in menu_of(client.page("/privacy").text)
    assert ">Privacidad</a>" in menu_of(client.page("/?lang=es").text)


def test_a_subject_s_part_stands_on_the_home_page_where_it_has_something_to_show(client, added):
    shown = []
    values = {"url": "/archive/", "urls": []}
    home_parts.add(added, HomePart("mailings/archive/public/gone.html", lambda: values if shown else None, 1))
    assert "No longer here" not in client.page("/").text
    shown.append("something")
    assert "No longer here" in client.get("/").text


def test_the_sitemap_names_public_pages_in_each_language(client, added):
    sitemap.add(added, lambda: [("/actions/one", datetime(2026, 11, 1, 12, tzinfo=UTC)), ("/privacy", None)])
    answer = client.get("/sitemap.xml")
    tree = ElementTree.fromstring(answer.data)
    found = {url.find("s:loc", NAMES).text: url for url in tree.findall("s:url", NAMES)}
    assert {"http://crm.example/", "http://crm.example/privacy", "http://crm.example/actions/one"} <= found.keys()
    assert len(found) == len(tree.findall("s:url", NAMES))
    one = found["http://crm.example/actions/one"]
    assert one.find("s:lastmod", NAMES).text == "2026-11-01T12:00:00Z"
    assert [link.get("hreflang") for link in one.findall("x:link", NAMES)] == ["en", "es", "ar"]
    robots = client.get("/robots.txt").text
    assert "Disallow: /staff\n" in robots
    assert "Sitemap: http://crm.example/sitemap.xml" in robots


def test_a_page_tells_search_engines_and_cards_its_address_language_and_subject(client):
    head = client.page("/?via=friend&lang=es").text.split("</head>")[0]
    assert '<link rel="canonical" href="http://crm.example/?lang=es">' in head
    assert '<link rel="alternate" hreflang="ar" href="http://crm.example/?lang=ar">' in head
    assert '<meta property="og:locale" content="es_US">' in head
    assert 'property="og:title" content="Bridgeway Coalition"' in head and "<title>Bridgeway Coalition</title>" in head
    assert '<meta name="description" content="We help immigrant professionals' in head
    own = client.page("/preferences/nonsense.token", status=404).text.split("</head>")[0]
    assert "canonical" not in own and "og:url" not in own and 'content="noindex"' in own


def menu_of(page: str) -> str:
    return page.partition('<nav class="site-nav"')[2].partition("</nav>")[0]


def test_each_main_page_tells_search_engines_what_it_is_about(client):
    for path in ("/", "/about", "/actions/", "/signup", "/events/", "/resources/", "/help", "/privacy", "/archive/"):
        assert re.search(r'<meta name="description" content="[^"]{20,}', client.page(path).text), path
