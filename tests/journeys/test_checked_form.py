"""A suspicious form in a real browser: the check runs under our Content-Security-Policy and lets a person through."""

import re
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.people import set_up

ADDRESS = "amina.checked@mail.example"


def test_the_check_runs_by_itself_and_the_form_is_sent(installation, chromium, open_browser):
    page = chromium.new_page()
    set_up(page, installation)
    page.close()
    for _ in range(3):
        forged = urlencode({"email": ADDRESS, "consent": "y", "language": "en", "stamp": "forged"}).encode()
        with pytest.raises(urllib.error.HTTPError, match="422"):
            urllib.request.urlopen(f"{installation.url}/signup", forged, timeout=10)

    page = open_browser(viewport={"width": 360, "height": 760})
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security" in told.text else None)
    page.goto(f"{installation.url}/signup?lang=ar")
    page.locator("[name=email]").fill(ADDRESS)
    page.locator("[name=consent]").check()
    page.wait_for_timeout(2_100)
    page.locator("main form .buttons button").last.click()
    expect(page.locator("[name=email]")).to_have_value(ADDRESS)
    expect(page.locator("altcha-widget input[name=altcha]")).to_have_value(re.compile(".{200,}"), timeout=60_000)
    assert Axe().run(page).violations_count == 0
    page.locator("main form .buttons button").first.click()
    page.wait_for_url("**/signup/sent*")
    assert installation.mail(ADDRESS) and refused == []
