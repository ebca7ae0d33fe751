"""Every page, at phone and desk width, light and dark: axe finds nothing, nothing scrolls sideways or fails."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Error, Page
from sqlalchemy import select

from crm import create_app
from crm.contacts import links
from crm.contacts.models import Contact, SignUp
from crm.extensions import db
from crm.mailings.archive.models import MailingArchive
from tests import factories
from tests.journeys.conftest import Installation
from tests.journeys.people import log_in

SIZES = {360: 740, 1280: 900}
# What is no page: text and figures, mail in its sandbox, the way out.
SKIPPED = re.compile(r"/(static|logo|logout|healthz|readyz|metrics)|/preview|\.(txt|xml)\b|/html$")
# One example stands for all of its kind: numbers, and names of mails.
EXAMPLE = re.compile(r"/\d[\w-]*(?=/|$)")


# The rooms of the staff area by the first word of an address: each is a test, so that several processes share them.
ROOMS = {
    "today": ("", "day", "log", "welcome", "tasks", "calendar", "goals", "growth", "campaigns", "assistance"),
    "people": ("people", "segments", "forms", "sharing", "imports"),
    "influencers": ("influencers", "asks", "network", "interactions", "inbound"),
    "mailings": ("mailings", "sequences", "digests", "replies"),
    "actions, events": ("actions", "events"),
    "library, website": ("library", "site", "organizations"),
    "settings": ("settings", "users", "delivery"),
}
PUBLIC = "what the staff area leads to outside"
ROOM_OF = {word: room for room, words in ROOMS.items() for word in words}


@pytest.fixture(scope="module")
def rooms(sample, chromium) -> dict[str, list[str]]:
    """One address of each kind of page that the staff area leads to, by the room where it stands."""
    installation, password = sample
    page = chromium.new_page(java_script_enabled=False)
    log_in(page, installation, password)
    found: dict[str, list[str]] = {room: [] for room in (*ROOMS, PUBLIC)}
    for address in walk(page, f"{installation.url}/staff/"):
        _, area, *words = urlsplit(address).path.split("/")
        found[ROOM_OF[words[0]] if area == "staff" else PUBLIC].append(address)
    page.close()
    return found


@pytest.mark.parametrize("room", [*ROOMS, PUBLIC])
def test_every_page_of_staff_is_well_made(sample, open_browser, rooms, room):
    installation, password = sample
    page, complaints = watched(open_browser())
    log_in(page, installation, password)
    assert rooms[room]
    found = []
    for address in rooms[room]:
        page.goto(address)
        found += look(page, address)
    assert found + complaints == []


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_page_of_visitors_is_well_made(sample, open_browser, language):
    installation, _ = sample
    page, complaints = watched(open_browser())
    found = []
    for address, status in public_pages(installation):
        response = page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        assert response.status == status, address
        found += look(page, f"{address} ({language})")
    assert [c for c in complaints if "404" not in c] + found == []


def public_pages(installation: Installation) -> Iterator[tuple[str, int]]:
    """Yield the address and the status of each public page, those behind signed links included."""
    app = create_app({"INSTANCE_PATH": str(installation.folder), "PUBLIC_URL": installation.url})
    with app.app_context():
        known = confirm("confirmed")
        preferences = links.preferences(a_supporter())
        slug = db.session.scalars(select(MailingArchive.slug)).first()
        signed = [confirm("open"), known, f"{known}/thanks", preferences]
        db.session.commit()
        db.engine.dispose()
    own = ["/", "/signup", "/signup/sent", "/privacy", "/login", "/dev/mailbox/"]
    own += ["/archive/", f"/archive/{slug}", f"/archive/{slug}/forward"]
    yield from ((f"{installation.url}{path}", 200) for path in own)
    yield from ((address, 200) for address in signed)
    yield f"{installation.url}/nowhere", 404
    yield f"{installation.url}/confirm/broken.link", 404


def confirm(state: str) -> str:
    """Return the link of a sign-up in that state."""
    words = {"mail": "confirm", "language": "en", "typed": {}, "topics": []}
    made = factories.add(SignUp(contact_id=a_supporter(), form_digest=uuid4().hex, state=state, **words))
    return links.confirm(made.id, made.contact.email)


def a_supporter() -> int:
    return db.session.scalars(select(Contact.id).where(Contact.confirmed_at.is_not(None)).limit(1)).one()


def watched(page: Page) -> tuple[Page, list[str]]:
    """Return the page, and the list in which errors of its console will stand."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    return page, complaints


def walk(page: Page, start: str) -> Iterator[str]:
    """Follow the links of this site from a start; yield one address of each kind of page.

    They are asked for beside the browser: files to keep and ways to elsewhere are no pages that it could open.
    """
    site, seen, waiting = urlsplit(start).netloc, set(), [start]
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        kind = EXAMPLE.sub("/*", parts.path)
        if parts.netloc != site or kind in seen or SKIPPED.search(parts.path):
            continue
        seen.add(kind)
        if links := links_of(page, address):
            waiting += links
            yield address


def links_of(page: Page, address: str) -> list[str]:
    """Return the links of a page of ours; none of what is no page, or leads elsewhere."""
    try:
        answer = page.request.get(address)
    except Error as other:
        assert "ENOTFOUND" in other.message or "EAI_AGAIN" in other.message, address
        return []
    assert answer.ok, f"{address}: {answer.status}"
    if "html" not in answer.headers["content-type"]:
        return []
    tree = html.fromstring(answer.body())
    tree.make_links_absolute(answer.url)
    return [link for element, attribute, link, _ in tree.iterlinks() if element.tag == "a" and attribute == "href"]


def look(page: Page, address: str) -> list[str]:
    """Return what is wrong with the open page, in words."""
    found = []
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            where = f"{address} at {width} px, {scheme}"
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{where}: scrolls sideways")
            for violation in Axe().run(page, options={"iframes": False}).response["violations"]:
                found.append(f"{where}: {violation['id']}: {violation['nodes'][0]['html'][:200]}")
    return found
