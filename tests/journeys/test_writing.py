"""A mailing is written by somebody who is no technician: from an empty draft to one that could go out."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.journeys.people import drag, log_in
from tests.journeys.test_every_page import look, watched
from tests.journeys.test_first_morning import Walker, arrive, go_to

START = "/staff/mailings/new"


def picture() -> dict[str, object]:
    """A photograph, as a file of the desk."""
    drawn = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(drawn, "JPEG")
    return {"name": "harbor.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def begin(walker: Walker) -> None:
    walker.page.goto(walker.page.url.split("/staff/")[0] + START)
    walker.button("Newsletter")
    walker.told("A draft is begun.")


def add(walker: Walker, kind: str, below: Locator | None = None) -> Locator:
    """Add a block of that kind, at the end or within that part; return it."""
    place = below or walker.main
    walker.click(place.locator("summary", has_text="Add").last)
    walker.click(walker.page.get_by_role("button", name=kind, exact=True))
    expect(walker.page.locator("#live")).to_have_text(f"{kind} added.")
    added = walker.page.locator(".block", has=walker.page.locator(":focus")).last
    return walker.page.locator(f"[data-block='{added.get_attribute('data-block')}']")


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_contain_text("Saved at", timeout=15_000)


@pytest.fixture
def walker(sample, open_browser) -> Walker:
    return arrive(open_browser(), sample)


def test_a_whole_mailing_is_written_without_markup_and_corrected_on_a_phone(walker, sample, open_browser):
    page = walker.page
    begin(walker)
    page.get_by_label("Subject").fill("The letter is at 500")
    text = page.locator("trix-editor").first
    text.fill("")
    text.click()
    page.keyboard.type("Half of Boston has signed. ")
    page.keyboard.press("Control+b")
    page.keyboard.type("Now the other half")
    page.keyboard.press("Control+b")
    button = add(walker, "Button")
    button.get_by_label("Words").fill("Sign the letter")
    button.get_by_label("Leads to").fill("https://bridgeway.example/sign")
    image = add(walker, "Image")
    walker.click(image.get_by_role("button", name="Choose a picture"))
    page.get_by_label("Upload a picture").set_input_files(files=[picture()])
    expect(image.locator(".picture-shown")).to_be_visible(timeout=20_000)
    image.get_by_role("textbox", name="Description").fill("The harbor at dawn")
    add(walker, "Two columns")
    columns = page.locator("[data-kind=columns]").last
    for side in ("Left", "Right"):
        column = columns.get_by_role("region", name=f"{side} column")
        column.locator("trix-editor").click()
        page.keyboard.type(f"What the {side.lower()} says")
    add(walker, "Goal")
    frame = page.frame_locator("iframe.preview:visible")
    for words in ("Now the other half", "Sign the letter", "What the left says", "What the right says", "800"):
        expect(frame.locator("body")).to_contain_text(words, timeout=15_000)
    expect(frame.get_by_role("img", name="The harbor at dawn")).to_be_visible()
    saved(page)
    walker.button("Save and review")
    expect(walker.main.get_by_role("heading", level=1)).to_have_text("The letter is at 500")
    assert "<" not in walker.main.inner_text()
    correct_on_a_phone(log_in(open_browser(viewport={"width": 360, "height": 740}, has_touch=True), *sample, at(page)))


def at(page: Page) -> str:
    """Return the address at which the mailing of this page is written."""
    return "/" + page.url.split("/", 3)[3].replace("/review", "/edit")


def correct_on_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Words").last.fill("Sign it today")
    saved(page)
    expect(page.frame_locator("iframe.preview:visible").locator("body")).to_contain_text("Sign it today")
    page.get_by_role("button", name="Save the draft").last.tap()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")


def test_a_mailing_is_written_without_scripts(sample, open_browser):
    walker = arrive(open_browser(java_script_enabled=False), sample)
    begin(walker)
    walker.page.get_by_label("Subject").fill("Plain words")
    walker.click(walker.main.get_by_text("Add on top"))
    walker.button("Text")
    expect(walker.main.get_by_text("Text added.")).to_be_visible()
    walker.page.get_by_label("Text", exact=True).first.fill("Dear **all**")
    walker.click(walker.main.locator("summary", has_text="Move or remove: Text, 1").first)
    walker.button("Move down")
    walker.button("Save the draft")
    walker.told("Saved.")
    assert walker.page.get_by_label("Text", exact=True).first.input_value() == "Dear **all**"
    assert walker.page.get_by_label("Subject").input_value() == "Plain words"


def test_a_mailing_is_written_by_keys_alone(walker):
    page = walker.page
    begin(walker)
    go_to(page, "Add on top")
    page.keyboard.press("Enter")
    go_to(page, "Heading")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Heading added.")
    page.keyboard.type("By keys")
    field = page.locator("[name='b.0.text']")
    expect(field).to_have_value("By keys")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#live")).to_contain_text("Heading moved to place 2")
    expect(page.locator("[name='b.1.text']")).to_have_value("By keys")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#live")).to_contain_text("Heading moved to place 1")
    saved(page)
    page.reload()
    expect(page.locator("[name='b.0.text']")).to_have_value("By keys")


def test_a_block_is_dragged_and_a_removed_one_comes_back(walker):
    page = walker.page
    begin(walker)
    blocks = page.locator(".block-list > .block")
    first, number = blocks.first.get_attribute("data-block"), blocks.count()
    drag(page, blocks.first.locator(".block-grip"), blocks.nth(1).locator(".block-add"))
    expect(page.locator("#live")).to_contain_text("Heading moved to place")
    expect(blocks.first).not_to_have_attribute("data-block", first)
    saved(page)
    page.reload()
    expect(blocks.first).not_to_have_attribute("data-block", first)
    second = blocks.nth(1).get_attribute("data-block")
    walker.click(blocks.nth(1).locator(".block-move summary"))
    walker.button("Remove")
    expect(blocks).to_have_count(number - 1)
    walker.button("Bring it back")
    expect(blocks.nth(1)).to_have_attribute("data-block", second)


def test_a_merge_field_is_inserted_at_the_cursor(walker):
    page = walker.page
    begin(walker)
    page.get_by_label("Subject").fill("Dear !")
    page.get_by_label("Subject").press("End")
    page.keyboard.press("ArrowLeft")
    walker.click(page.get_by_role("button", name="Merge field for Subject"))
    page.get_by_label("Where nothing is on record").fill("neighbor")
    walker.click(page.get_by_role("button", name="First name", exact=True))
    expect(page.get_by_label("Subject")).to_have_value('Dear {{ first_name | default: "neighbor" }}!')
    expect(page.get_by_label("Subject")).to_be_focused()


MARK = "<span style='mso-list:Ignore'>{}<span style='font:7.0pt Times'>&nbsp;&nbsp; </span></span>"
WORD_LIST = (
    "<p class=MsoNormal>We offer:</p>",
    f"<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1'>{MARK.format('·')}A <b>bridge</b> program</p>",
    "<p class=MsoListParagraphCxSpLast>· A mentor</p>",
    "<p class=MsoNormal>How:</p>",
    f"<p class=MsoListParagraph>{MARK.format('1.')}Apply</p><p class=MsoListParagraph>{MARK.format('2.')}Wait</p>",
)
# As the browser itself would hand it over; what is put on the clipboard by a page loses such marks.
PASTE_FROM_WORD = """html => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/html", html);
    const kind = { inputType: "insertFromPaste", bubbles: true, cancelable: true };
    const event = new InputEvent("beforeinput", { ...kind, dataTransfer });
    document.querySelector("trix-editor").dispatchEvent(event);
}"""


def test_what_is_pasted_from_word_comes_out_clean_and_what_is_too_long_is_refused(walker):
    page = walker.page
    begin(walker)
    editor = page.locator("trix-editor").first
    editor.click()
    word = "<p class=MsoNormal style='mso-x:y'><o:p>&nbsp;</o:p>From <b>Word</b><script>alert(1)</script></p>"
    paste(page, {"text/html": word, "text/plain": "From Word"})
    expect(editor).to_contain_text("From Word")
    assert not editor.locator("script, [style*=mso], .MsoNormal").count()
    page.evaluate(PASTE_FROM_WORD, "".join(WORD_LIST))
    for kind, items in {"ul": ["A bridge program", "A mentor"], "ol": ["Apply", "Wait"]}.items():
        expect(editor.locator(f"{kind} > li")).to_have_text(items)
    paste(page, {"text/plain": "word " * 1_000_000})
    expect(page.locator(".rich .error")).to_contain_text("That is too long to paste")
    saved(page)


def paste(page: Page, kinds: dict[str, str]) -> None:
    """Put that on the clipboard, and press the keys."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("kinds => navigator.clipboard.write([new ClipboardItem(kinds)])", kinds)
    page.keyboard.press("Control+v")


def test_a_save_that_fails_says_so_and_is_tried_again(walker):
    page = walker.page
    begin(walker)
    page.route("**/autosave*", lambda route: route.abort())
    page.get_by_label("Subject").fill("Through a tunnel")
    expect(page.locator("#save-state")).to_contain_text("Not saved", timeout=15_000)
    page.unroute("**/autosave*")
    expect(page.locator("#save-state")).to_contain_text("Saved at", timeout=20_000)
    page.reload()
    expect(page.get_by_label("Subject")).to_have_value("Through a tunnel")


def test_two_who_write_are_told_of_each_other(walker, sample, open_browser):
    begin(walker)
    address = "/" + walker.page.url.split("/", 3)[3]
    other = log_in(open_browser(), *sample, address)
    expect(other.locator("#others")).to_contain_text("You have had this mailing open in another window")
    walker.page.get_by_label("Subject").fill("By one")
    saved(walker.page)
    other.get_by_label("Subject").fill("By two")
    expect(other.locator("#not-saved")).to_contain_text("Somebody else saved this meanwhile", timeout=15_000)
    expect(other.locator("#save-state")).to_have_text("Not saved")
    expect(other.locator("#not-saved")).to_be_in_viewport()
    other.get_by_role("button", name="Save and review").first.click()
    expect(other.get_by_text("Somebody else saved this mailing while you were writing")).to_be_visible()
    expect(other.get_by_label("Subject")).to_have_value("By two")


def test_the_pages_of_writing_are_well_made(sample, open_browser):
    page, complaints = watched(open_browser())
    walker = Walker(log_in(page, *sample, START))
    found = look(page, "start")
    begin(walker)
    add(walker, "Two columns")
    add(walker, "Image")
    walker.button("Add Arabic")
    walker.told("There is a version in Arabic now")
    found += look(page, "writing")
    walker.link("History")
    page.wait_for_url("**/history")
    found += look(page, "history")
    walker.click(walker.main.get_by_role("row").nth(1).get_by_role("link"))
    page.wait_for_url("**/history/*")
    found += look(page, "revision")
    assert found + complaints == []
