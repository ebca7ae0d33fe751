"""The Atom feed is what RFC 4287 wants, and holds what the archive holds."""

from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.mailings.archive.test_pages import release, slug
from tests.mailings.makers import make_people

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def people(app):
    return make_people(1)


def read(client, url="/archive/feed.xml"):
    answer = client.get(url)
    assert answer.status_code == 200 and answer.mimetype == "application/atom+xml"
    return ElementTree.fromstring(answer.data)


def one(element, name) -> str:
    (found,) = element.findall(ATOM + name)
    return found.text


def well_formed(feed):
    """Sections 4.1.1 and 4.1.2: what each feed and entry must have once, and absolute ids and links."""
    assert feed.tag == f"{ATOM}feed"
    assert one(feed.find(f"{ATOM}author"), "name") == "Bridgeway Coalition"
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert one(element, "title") and urlsplit(one(element, "id")).scheme == "http"
        assert datetime.fromisoformat(one(element, "updated")).tzinfo
        assert all(urlsplit(link.get("href")).netloc for link in element.findall(f"{ATOM}link"))
    ids = [one(entry, "id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_an_empty_archive_has_a_feed_too(client, app):
    feed = read(client)
    well_formed(feed)
    assert feed.findall(f"{ATOM}entry") == []


def test_the_newest_comes_first_with_its_text(client, people, sink, deliver):
    release(deliver, subject="The first & only")
    newest = release(deliver, spanish=True)
    feed = read(client)
    well_formed(feed)
    entries = feed.findall(f"{ATOM}entry")
    assert [one(entry, "title") for entry in entries] == ["Licensing moves", "The first & only"]
    assert one(entries[0], "summary") == "What happened" and "Dear friend," in one(entries[0], "content")
    assert "unsubscribe" not in one(entries[0], "content").lower() and "{{" not in one(entries[0], "content")
    assert one(entries[0], "id") == f"http://crm.example/archive/{slug(newest)}"
    spanish = read(client, "/archive/feed.xml?lang=es").findall(f"{ATOM}entry")
    assert one(spanish[0], "title") == "Las licencias"
    assert spanish[0].get("{http://www.w3.org/XML/1998/namespace}lang") == "es"


def test_signs_that_xml_cannot_hold_are_left_out(client, people, sink, deliver):
    release(deliver, body="before\x0bafter")
    assert "before" in one(read(client).find(f"{ATOM}entry"), "content")


def test_who_has_the_newest_feed_is_told_so(client, people, sink, deliver):
    release(deliver)
    first = client.get("/archive/feed.xml")
    assert client.get("/archive/feed.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
