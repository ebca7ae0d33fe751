"""The organizer's morning: a plan started and moved without scripts, and a call logged by keys in seconds."""

import time
from datetime import timedelta

from playwright.sync_api import Page, expect

from crm.base import clock
from tests.journeys.conftest import Installation
from tests.journeys.people import log_in

PHONE = {"width": 360, "height": 740}
SECONDS = 20


def open_day(page: Page, sample: tuple[Installation, str]) -> Page:
    return log_in(page, *sample, "/staff/day/")


def test_a_call_is_logged_by_keys_alone_in_less_than_twenty_seconds(sample, open_browser):
    page = open_day(open_browser(), sample)
    began = time.monotonic()
    page.get_by_role("main").get_by_role("link", name="Log", exact=True).press("Enter")
    expect(page.get_by_label("With whom")).to_be_focused()
    page.keyboard.type("okonkwo")
    for words in ("", "He takes two more of the course", "Send him the dates"):  # Kind and date stay as they are.
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.type") == "date":
            page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Logged with Desmond Okonkwo.")
    assert page.url.endswith("/staff/day/") and time.monotonic() - began < SECONDS


def test_without_scripts_a_plan_is_started_and_what_comes_after_a_task_moves_with_it(sample, open_browser):
    page = open_day(open_browser(java_script_enabled=False, viewport=PHONE), sample)
    page.goto(f"{sample[0].url}/staff/influencers/3/plan")
    page.get_by_label("Anchor date").fill((clock.today() + timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Show the tasks").click()
    page.get_by_role("button", name="Make the ticked tasks").click()
    expect(page.get_by_role("status").first).to_contain_text("The plan Fly-in day is started.")
    page.get_by_role("link", name="Send the request").click()
    page.get_by_label("Due").fill((clock.today() + timedelta(days=22)).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Follow up").uncheck()
    page.get_by_role("button", name="Save, and move what is ticked").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved, and 3 tasks moved with it.")
    page.get_by_role("button", name="Done Send the request").click()
    expect(page.get_by_text("1 done")).to_be_visible()
