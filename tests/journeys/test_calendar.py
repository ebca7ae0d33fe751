"""The calendar by drag and with its undo, by the arrow keys, and without scripts on a phone."""

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.people import drag, log_in

SUBJECT = "The bill is filed. What comes next"
ENTRY = f"[data-entry='{SUBJECT}']"


def open_calendar(page: Page, sample: tuple[Installation, str]) -> Page:
    """Open the month in which the mailing of the sample data is scheduled."""
    log_in(page, *sample, "/staff/calendar/")
    if not page.get_by_role("link", name=SUBJECT).first.is_visible():
        page.locator("a[rel=next]").click()
    return page


def day_of(page: Page) -> str:
    return page.locator(f"[data-day]:has({ENTRY})").get_attribute("data-day")


def another_day(page: Page) -> str:
    """Return the day after that of the mailing, or the day before where that is in no week of the month."""
    day = date.fromisoformat(day_of(page))
    after = str(day + timedelta(days=1))
    return after if page.locator(f"[data-day='{after}']").count() else str(day - timedelta(days=1))


def test_a_mailing_is_dragged_to_another_day_and_back_again(sample, open_browser):
    page = open_calendar(open_browser(viewport={"width": 1280, "height": 1800}), sample)
    before, after = day_of(page), another_day(page)
    drag(page, page.locator(ENTRY).locator("a").first, page.locator(f"[data-day='{after}']"))
    note = page.locator("#calendar-note")
    expect(note).to_contain_text("It goes out on")
    expect(page.locator("#live")).to_contain_text(SUBJECT)
    page.reload()
    assert day_of(page) == after
    drag(page, page.locator(ENTRY).locator("a").first, page.locator(f"[data-day='{before}']"))
    expect(page.locator(f"[data-day='{before}'] {ENTRY}")).to_be_visible()
    note.get_by_role("button", name="Undo").click()
    expect(page.locator(f"[data-day='{after}'] {ENTRY}")).to_be_visible()
    page.locator(f"[data-date='{after}']").focus()
    page.keyboard.press("ArrowLeft")
    left = str(date.fromisoformat(after) - timedelta(days=1))
    expect(page.locator(f"[data-date='{left}']")).to_be_focused()


def test_without_scripts_on_a_phone_the_form_moves_it(sample, open_browser):
    phone = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
    page = open_calendar(open_browser(**phone), sample)
    after = another_day(page)
    page.locator(ENTRY).get_by_role("link", name="Move").click()
    page.get_by_label("Day").fill(after)
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("It goes out on")).to_be_visible()
    assert day_of(page) == after
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It goes out on")).to_be_visible()
    assert day_of(page) != after
    assert page.locator("body").bounding_box()["width"] <= 360
