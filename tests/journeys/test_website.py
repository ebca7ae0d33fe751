"""What a visitor does on the website beside signing up, from the home page on: with and without scripts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Installation, link_in
from tests.journeys.people import log_in

LEGISLATOR = """
- id: {bioguide: B000001}
  name: {first: Shontel, last: Example, official_full: Shontel Example}
  bio: {gender: F, birthday: "1975-06-24"}
  terms:
  - {type: rep, start: "2025-01-03", end: "2027-01-03", state: OH, district: 11, phone: 202-555-0111}
"""


# Each visitor stands in a network of their own, as on the web: one that sends many forms has to pass a check.
SETTINGS = {"TRUSTED_PROXIES": "1"}
PHONE = {"viewport": {"width": 360, "height": 740}}
VISITORS = {
    "on a phone in Arabic": {**PHONE, "locale": "ar"},
    "at a desk without JavaScript": {"java_script_enabled": False},
}
SUMMARY = "[data-error-summary]"


@pytest.mark.parametrize("how", VISITORS)
def test_a_visitor_finds_help_signs_and_is_credited_registers_and_gets_a_paper(sample, open_browser, how):
    installation, _ = sample
    place = list(VISITORS).index(how)
    page = open_browser(**VISITORS[how], extra_http_headers=from_network(2 * place))

    go(page, installation, "/help")
    page.locator("[name=state]").select_option("OH")
    page.locator("main form button").click()
    expect(page.locator("#found")).to_be_in_viewport()
    assert page.context.cookies() == []

    go(page, installation, "/actions/")
    page.locator("main a[href*=let-nurses-work]").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if "Arabic" in how else "ltr")
    before = int(page.locator(".goal-count strong").inner_text())
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(SUMMARY)).to_be_in_viewport()
    send_and_confirm(page, installation, f"petra{place}@mail.example")
    assert int(page.locator(".goal-count strong").inner_text()) == before + 1

    friend = open_browser(**VISITORS[how], extra_http_headers=from_network(2 * place + 1))
    friend.goto(page.locator("#share-link").inner_text())
    send_and_confirm(friend, installation, f"felix{place}@mail.example")
    assert int(friend.locator(".goal-count strong").inner_text()) == before + 2
    people = [json.loads(line) for line in installation.crm("contact", "list", "--json").splitlines()]
    sources = {one["email"]: one["source"] for one in people}
    assert sources[f"felix{place}@mail.example"] == "Shared by supporters"
    assert sources[f"petra{place}@mail.example"] != "Shared by supporters"

    go(page, installation, "/events/")
    page.locator("main a[href*=pharmacists]").click()
    send_and_confirm(page, installation, f"erin{place}@mail.example")
    (event,) = icalendar.Calendar.from_ical(saved(page, "main a[href$='.ics']")).walk("VEVENT")
    assert event["STATUS"] == "CONFIRMED" and event["ATTENDEE"] == f"mailto:erin{place}@mail.example"
    assert event.start > datetime.now(UTC) and "/mine/" in event["URL"]

    go(page, installation, "/resources/")
    page.locator("main a[href*=idle-skills]").first.click()
    send_and_confirm(page, installation, f"rosa{place}@mail.example")
    assert saved(page, "main form.library-get button").startswith(b"%PDF")


def test_a_visitor_telephones_who_represents_the_zip_code(sample, open_browser, tmp_path):
    installation, password = sample
    (tmp_path / "districts.csv").write_text("state_fips,state_abbr,zcta,cd\n39,OH,44101,11\n")
    (tmp_path / "legislators.yaml").write_text(LEGISLATOR)
    installation.crm("import", "districts", str(tmp_path / "districts.csv"), "--valid-from", "2025-01-03")
    installation.crm("import", "influencers", str(tmp_path / "legislators.yaml"))
    staff = log_in(open_browser(), installation, password, "/staff/actions/new")
    staff.get_by_role("link", name="Letter to targets").click()
    staff.get_by_label("Title").first.fill("Count the years abroad")
    staff.get_by_label("Goes to").select_option(label="Each supporter's own members of Congress, by ZIP code")
    staff.get_by_role("button", name="Save").click()
    staff.get_by_role("button", name="Publish").click()
    staff.locator("dialog").get_by_role("button", name="Publish").click()
    expect(staff.get_by_role("button", name="Publish")).to_have_count(0)

    page = open_browser(**PHONE, extra_http_headers=from_network(9))
    page.goto(f"{installation.url}/actions/count-the-years-abroad")
    page.get_by_label("ZIP code where you live").fill("44101")
    page.get_by_role("button", name="Find my representatives").click()
    expect(page.get_by_role("link", name="202-555-0111")).to_have_attribute("href", "tel:2025550111")
    page.get_by_label("I called Shontel Example").check()
    send_and_confirm(page, installation, "zora@mail.example")
    expect(page.get_by_text("you called")).to_be_visible()


def from_network(number: int) -> dict[str, str]:
    """Return the header by which a proxy says where a request came from."""
    return {"X-Forwarded-For": f"198.51.{number}.7"}


def go(page: Page, installation: Installation, path: str) -> None:
    """Open the home page, and choose from its menu as it stands there."""
    page.goto(installation.url)
    if page.locator(".site-nav-small summary").is_visible():
        page.locator(".site-nav-small summary").click()
    page.locator("header nav:visible").locator(f"a[href='{path}']:visible").click()


def send_and_confirm(page: Page, installation: Installation, address: str) -> None:
    """Fill in the form as a person does, and press the button behind the link in the mail."""
    form = page.locator("main form:has([name=email])")
    form.locator("[name=email]").fill(address)
    form.locator("[name=first_name]").fill("Amina")
    page.wait_for_timeout(2_100)  # The form takes nothing from hands quicker than two seconds.
    form.locator("button[type=submit]").last.click()
    expect(form).to_have_count(0)
    page.goto(link_in(installation.mail(address), "/confirm/"))
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/confirm/" not in url)


def saved(page: Page, what: str) -> bytes:
    """Press it, and return the file that comes."""
    with page.expect_download() as download:
        page.locator(what).first.click()
    return Path(download.value.path()).read_bytes()
