"""An organizer's first morning, by visible words alone: from whom to talk to, to what a colleague hands over."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.base import clock
from tests.journeys.conftest import Installation
from tests.journeys.people import log_in

SECONDS = 60
MEMBER = """
- id: {bioguide: S000185}
  name: {first: Robert, nickname: Bobby, last: Scott, official_full: Robert C. Scott}
  terms:
  - {type: rep, start: '2025-01-03', end: '2027-01-03', state: VA, district: 3, phone: 202-225-8351}
"""
SEATS = "HSED:\n- {name: Bobby Scott, party: minority, rank: 1, title: Ranking Member, bioguide: S000185}\n"


class Walker:
    """Somebody at a browser who counts the clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.main, self.clicks = page, page.get_by_role("main"), 0

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click()

    def link(self, name: str) -> None:
        self.click(self.main.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        self.click(self.main.get_by_role("button", name=name).first)

    def told(self, words: str) -> None:
        expect(self.page.get_by_role("status").first).to_contain_text(words)

    def so_far(self) -> int:
        """Return the clicks since this was asked last."""
        clicks, self.clicks = self.clicks, 0
        return clicks


@pytest.fixture(scope="module")
def congress(sample: tuple[Installation, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, str]:
    """The sample with a member of Congress."""
    installation, _ = sample
    folder = tmp_path_factory.mktemp("congress")
    (folder / "legislators.yaml").write_text(MEMBER)
    (folder / "seats.yaml").write_text(SEATS)
    files = (str(folder / "legislators.yaml"), "--committees", str(folder / "seats.yaml"))
    installation.crm("import", "influencers", *files, "--committee", "HSED")
    return sample


def arrive(page: Page, sample: tuple[Installation, str]) -> Walker:
    """Log in; the page of today is open then."""
    return Walker(log_in(page, *sample))


def in_days(number: int) -> str:
    return (clock.today() + timedelta(days=number)).isoformat()


def test_the_first_morning_takes_no_wrong_turn(congress, open_browser):
    walker = arrive(open_browser(), congress)
    began = time.monotonic()
    steps: list[tuple[Callable[[Walker], None], int]] = [
        (find_whom_to_talk_to, 1),
        (log_the_call, 3),
        (make_an_ask, 5),
        (open_the_briefing, 1),
        (start_a_plan_and_move_it, 7),
        (read_the_history, 0),
        (hand_over, 4),
    ]
    for step, clicks in steps:
        step(walker)
        assert (step.__name__, walker.so_far()) == (step.__name__, clicks)
    assert time.monotonic() - began < SECONDS


def find_whom_to_talk_to(walker: Walker) -> None:
    title = walker.main.get_by_role("heading", name="My day")
    first = walker.main.get_by_text("days late").or_(walker.main.get_by_text("1 day late")).first
    for seen in (title, first):
        expect(seen).to_be_in_viewport()
    walker.link("All of it")
    expect(walker.main.get_by_role("heading", name="Overdue")).to_be_visible()


def log_the_call(walker: Walker) -> None:
    walker.link("Log a call")
    walker.page.get_by_label("What happened").fill("She has read the draft")
    walker.page.get_by_label("Next step (optional)").fill("Send her the final text")
    walker.page.get_by_label("Next step due").fill(in_days(3))
    walker.click(walker.page.get_by_label("With this is done"))
    walker.button("Log it")
    walker.told("Logged with Paloma Reyes-Whitfield. Done: Send the draft by our two engineers")
    expect(walker.main.get_by_text("Send her the final text").first).to_be_visible()


def make_an_ask(walker: Walker) -> None:
    walker.page.get_by_role("searchbox", name="Search people").fill("bobby scott")
    walker.page.keyboard.press("Enter")
    walker.link("Influencer Bobby Scott")
    walker.link("Plan an ask")
    walker.page.get_by_label("What exactly do we ask for?").fill("Sign the letter on licensing")
    walker.click(walker.page.get_by_label("Leverage"))
    walker.page.get_by_label("Due date").fill(in_days(20))
    walker.button("Plan the ask")
    walker.told("The ask is planned.")
    walker.button("It was made")
    walker.told("The ask is made now.")


def open_the_briefing(walker: Walker) -> None:
    walker.link("Briefing")
    expect(walker.main.get_by_role("heading", name="We ask: Sign the letter on licensing")).to_be_visible()
    expect(walker.main.get_by_role("button", name="Print")).to_be_visible()


def start_a_plan_and_move_it(walker: Walker) -> None:
    walker.link("Sign the letter on licensing")
    walker.link("Start a plan")
    walker.page.get_by_label("Anchor date").fill(in_days(40))
    walker.button("Show the tasks")
    walker.button("Make the ticked tasks")
    walker.told("The plan Fly-in day is started.")
    walker.link("Send the request to the scheduler")
    walker.page.get_by_label("Due").fill(in_days(22))
    walker.button("Save")
    walker.button("Save, and move what is ticked")
    walker.told("Saved, and 4 tasks moved with it.")


def read_the_history(walker: Walker) -> None:
    expect(walker.main.get_by_role("heading", level=1)).to_have_text("Sign the letter on licensing")
    history = walker.main.get_by_role("region", name="History")
    for words in ("Planned → Made", "Planned Alice"):
        expect(history).to_contain_text(words)


def hand_over(walker: Walker) -> None:
    walker.click(walker.page.locator(".staff-user summary"))
    walker.click(walker.page.get_by_role("link", name="Users"))
    walker.link("Hand over the work of Oscar Tran")
    walker.page.get_by_label("Hand it over to").select_option(index=1)
    walker.button("Hand it all over")
    walker.told("Handed over to Alice Moreno")
    expect(walker.main).to_contain_text("Oscar Tran has nothing in hand.")


def test_a_call_is_logged_without_scripts_on_a_phone(sample, open_browser):
    walker = arrive(open_browser(java_script_enabled=False, viewport={"width": 360, "height": 740}), sample)
    walker.link("All of it")
    walker.link("Log a call")
    walker.page.get_by_label("What happened").fill("The city waits for the list")
    walker.button("Log it")
    walker.told("Logged with")
    expect(walker.main.get_by_role("heading", level=1)).to_have_text("My day")


def test_a_call_is_logged_by_keys_alone_from_the_first_page(sample, open_browser):
    page = arrive(open_browser(), sample).page
    for link, place in (("All of it", "**/staff/day/"), ("Log a call", "**/staff/log/**")):
        go_to(page, link)
        page.keyboard.press("Enter")
        page.wait_for_url(place)
    expect(page.get_by_label("What happened")).to_be_focused()
    page.keyboard.type("Spoke of the waiting list")
    page.keyboard.press("Tab")
    page.keyboard.type("Call again")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Logged with")


def go_to(page: Page, words: str) -> None:
    """Press Tab until what begins with these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("words => document.activeElement.innerText?.startsWith(words)", words):
            return
    raise AssertionError(f"no way by keys to {words}")
