"""The board by keyboard alone, by touch on a phone, without scripts, and by two people at once."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.people import drag, log_in

CARD = "[data-card='Paloma Reyes-Whitfield']"


def open_board(page: Page, sample: tuple[Installation, str], query: str = "") -> Page:
    return log_in(page, *sample, f"/staff/influencers/board{query}")


def stage_of(page: Page) -> str:
    return page.locator(f"[data-stage]:has({CARD})").get_attribute("data-stage")


def test_a_card_is_moved_by_keys_alone_and_keeps_the_focus(sample, open_browser):
    page = open_board(open_browser(), sample, "?lanes=owner")
    before = stage_of(page)
    summary = page.locator(f"{CARD} summary")
    summary.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#live")).to_contain_text("Paloma Reyes-Whitfield")
    expect(summary).to_be_focused()
    moved = stage_of(page)
    assert moved != before
    page.reload()
    assert stage_of(page) == moved
    summary.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(f"[data-stage={before}] {CARD}")).to_be_visible()
    page.keyboard.press("Enter")  # The menu does the same.
    page.keyboard.press("Tab")
    expect(page.locator(f"{CARD} select")).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()


def test_by_touch_on_a_phone_nothing_scrolls_sideways_and_the_menu_moves(sample, open_browser):
    page = open_board(open_browser(viewport={"width": 360, "height": 740}, has_touch=True), sample)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card = page.locator(CARD)
    card.locator("summary").tap()
    card.get_by_label("Stage").select_option("connected")
    card.get_by_role("button", name="Move").tap()
    expect(page.locator(f"[data-stage=connected] {CARD}")).to_be_visible()
    page.reload()
    assert stage_of(page) == "connected"


def test_without_scripts_every_move_is_possible(sample, open_browser):
    page = open_board(open_browser(java_script_enabled=False), sample, "?lanes=sector")
    for stage in ("engaged", "champion", "identified", "asked"):
        card = page.locator(CARD)
        card.locator("summary").click()
        card.get_by_label("Stage").select_option(stage)
        card.get_by_role("button", name="Move").click()
        expect(page.locator(f"[data-stage={stage}] {CARD}")).to_be_visible()
        assert "lanes=sector" in page.url


def test_the_second_of_two_movers_is_told_and_chooses(sample, open_browser):
    one, two = open_board(open_browser(), sample), open_board(open_browser(), sample)
    card = one.locator(CARD)
    card.locator("summary").click()
    card.get_by_label("Stage").select_option("engaged")
    card.get_by_label("Reason").fill("She went quiet")
    card.get_by_role("button", name="Move").click()
    expect(one.locator("#live")).to_contain_text("Engaged")
    drag(two, two.locator(CARD).locator("p").nth(1), two.locator("[data-stage=champion]"))
    note = two.locator("#board-note")
    expect(note).to_contain_text("(She went quiet)")
    expect(two.locator(f"[data-stage=engaged] {CARD}")).to_be_visible()
    two.get_by_role("button", name="Move to Champion all the same").click()
    expect(two.locator(f"[data-stage=champion] {CARD}")).to_be_visible()
    expect(note).to_have_count(0)
    two.reload()
    assert stage_of(two) == "champion"
