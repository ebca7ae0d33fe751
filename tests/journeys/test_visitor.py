"""A visitor's way, in three languages: sign up, confirm, preferences, unsubscribe, undo."""

import json
import time

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Installation, link_in
from tests.journeys.people import set_up

LANGUAGES = ["en", "es", "ar"]
HOME_SECONDS = 10  # The home page is never older.


@pytest.fixture(scope="module")
def ready(installation: Installation, chromium) -> Installation:
    """The installation after its setup page."""
    page = chromium.new_page()
    set_up(page, installation)
    page.close()
    return installation


def counted(open_browser, installation: Installation) -> int:
    """What the goal bar says to somebody who just comes by."""
    return int(bar_of(open_browser, installation).inner_text())


def comes_to(open_browser, installation: Installation, number: int) -> None:
    """Wait until the goal bar says so to whoever comes by; the home page is kept for some seconds."""
    bar = bar_of(open_browser, installation)
    until = time.monotonic() + HOME_SECONDS
    while int(bar.inner_text()) != number and time.monotonic() < until:
        bar.page.wait_for_timeout(500)
        bar.page.reload()
    expect(bar).to_have_text(str(number))


def bar_of(open_browser, installation: Installation) -> Locator:
    page = open_browser()
    page.goto(installation.url)
    return page.locator(".goal-count strong")


def status_of(installation: Installation, address: str) -> str:
    contacts = [json.loads(line) for line in installation.crm("contact", "list", "--json").splitlines()]
    return next((contact["status"] for contact in contacts if contact["email"] == address), "none")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_signs_up_confirms_chooses_leaves_and_comes_back(ready, open_browser, language, script):
    address = f"amina.{language}.{'js' if script else 'plain'}@mail.example"
    page = open_browser(java_script_enabled=script, viewport={"width": 360, "height": 760})
    before = counted(open_browser, ready)

    page.goto(f"{ready.url}/?lang={language}&utm_source=newsletter")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.locator("[name=email]").fill(address)
    page.locator("[name=first_name]").fill("Amina")
    page.locator("[name=consent]").check()
    page.wait_for_timeout(2_100)  # The form takes nothing from hands quicker than two seconds.
    page.locator("form:has([name=email]) .buttons button").last.click()
    expect(page.locator("h1")).to_be_visible()
    assert counted(open_browser, ready) == before

    page.goto(link_in(ready.mail(address), "/confirm/"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert status_of(ready, address) == "pending"
    page.locator("main form button").click()
    expect(page.locator("#share-link")).to_contain_text("?via=")
    comes_to(open_browser, ready, before + 1)
    assert status_of(ready, address) == "active"

    page.goto(link_in(ready.mail(address), "/preferences/"))
    page.locator("[name=topics]").nth(1).check()
    page.locator("[name=first_name]").fill("Amína")
    page.locator("main form button").first.click()
    expect(page.locator("[role=status].note")).to_be_visible()
    expect(page.locator("[name=topics]").nth(1)).to_be_checked()

    page.locator("[name=leave]").click()
    assert status_of(ready, address) == "unsubscribed"
    page.locator("form:has([name=undo]) button").click()
    expect(page.locator("h1")).to_be_visible()
    assert status_of(ready, address) == "active"
