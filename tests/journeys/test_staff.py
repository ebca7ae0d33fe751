"""The way of the staff: set up, import, log in, move an influencer, make an ask, write a mailing, schedule it."""

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.people import ALICE, PASSWORD, drag, set_up

WORKER_MILLISECONDS = 40_000  # What the worker does comes after its next tick.
EXPORT = """Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TAGS
amina@mail.example,Amina,Osei,2026-01-10 10:00:00,192.0.2.1,2026-01-10 10:05:00,192.0.2.1,"""
EXPORT += '"""nurses"""\nluis@mail.example,Luis,Prado,2026-02-01 09:00:00,192.0.2.2,2026-02-01 09:03:00,192.0.2.2,\n'
EXPORT += "noor@mail.example,Noor,Haddad,,,,,\n"


def test_a_new_coalition_starts_work_in_the_browser_alone(installation, open_browser, tmp_path):
    page = open_browser()
    set_up(page, installation)
    import_contacts(page, installation, tmp_path)
    log_in_again(page, installation)
    add_influencer(page, installation)
    move_on_the_board(page, installation)
    log_interaction(page)
    make_ask(page)
    schedule_mailing(page, installation)
    people = [json.loads(line) for line in installation.crm("influencer", "list", "--json").splitlines()]
    assert [(one["name"], one["stage"], one["open_asks"]) for one in people] == [("Dolores Whitfield", "engaged", 0)]


def import_contacts(page: Page, installation: Installation, folder) -> None:
    file = folder / "subscribed_members_export.csv"
    file.write_text(EXPORT)
    page.goto(f"{installation.url}/staff/imports/")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form:has(input[type=file]) button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("Mailchimp")
    page.get_by_role("button", name="Check, without changing anything").click()
    page.get_by_role("button", name="Import now").click(timeout=WORKER_MILLISECONDS)
    expect(page.locator("main")).to_contain_text("What happened", timeout=WORKER_MILLISECONDS)
    people = [json.loads(line) for line in installation.crm("contact", "list", "--json").splitlines()]
    states = {person["email"]: person["status"] for person in people}
    assert states["amina@mail.example"] == states["luis@mail.example"] == "active"
    assert states["noor@mail.example"] != "active"


def log_in_again(page: Page, installation: Installation) -> None:
    page.locator(".staff-user summary").click()
    page.get_by_role("button", name="Log out").first.click()
    page.goto(f"{installation.url}/staff/influencers/")
    page.get_by_label("E-mail").fill(ALICE)
    page.get_by_label("Password", exact=True).fill("wrong" + PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/staff/influencers/")


def add_influencer(page: Page, installation: Installation) -> None:
    page.get_by_role("link", name="Add an influencer").first.click()
    page.get_by_label("First name").fill("Dolores")
    page.get_by_label("Last name").fill("Whitfield")
    page.get_by_label("Role", exact=False).first.fill("Chair of the licensing board")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).to_have_text("Dolores Whitfield")


def move_on_the_board(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.url}/staff/influencers/board")
    card = page.locator("[data-card='Dolores Whitfield']")
    drag(page, card.get_by_text("Chair of the licensing board"), page.locator("[data-stage=connected]"))
    expect(page.locator("[data-stage=connected] [data-card='Dolores Whitfield']")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Connected")
    page.reload()
    expect(page.locator("[data-stage=connected] [data-card='Dolores Whitfield']")).to_be_visible()
    card.locator("summary").click()
    card.get_by_label("Stage").select_option("engaged")
    card.get_by_label("Reason").fill("Answered our letter")
    card.get_by_role("button", name="Move").click()
    expect(page.locator("[data-stage=engaged] [data-card='Dolores Whitfield']")).to_be_visible()
    page.get_by_role("link", name="Dolores Whitfield").click()
    page.get_by_role("link", name="History").click()
    expect(page.locator("main")).to_contain_text("Answered our letter")
    page.get_by_role("main").get_by_role("link", name="Dolores Whitfield").click()


def log_interaction(page: Page) -> None:
    page.get_by_text("Log a meeting, call").click()
    form = page.locator("form#log")
    form.get_by_label("Meeting").check()
    form.locator("[name$=summary]").fill("Coffee at the licensing forum")
    form.locator("[name$=next_step]").fill("Send the re-licensing paper")
    form.locator("[name$=next_step_due]").fill((datetime.now(UTC) - timedelta(days=1)).date().isoformat())
    form.get_by_role("button", name="Log it").click()
    expect(page.locator("main")).to_contain_text("Coffee at the licensing forum")


def make_ask(page: Page) -> None:
    page.get_by_role("link", name="Plan an ask").click()
    page.locator("[name=title]").fill("Speak at the forum on March 3")
    page.get_by_label("Visibility").check()
    page.get_by_role("button", name="Plan the ask").click()
    expect(page.locator("h1")).to_have_text("Speak at the forum on March 3")
    for state in ("made", "agreed"):
        step = page.locator(f"#to-{state}")
        if step.get_attribute("open") is None:
            step.locator("summary").click()
        step.locator("button[type=submit]").click()
        page.wait_for_load_state()
    step = page.locator("#to-delivered")
    step.locator("[name$=evidence_url]").fill("https://news.example/forum")
    step.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("https://news.example/forum")
    expect(page.locator(".timeline")).to_contain_text("Agreed → Delivered")


def schedule_mailing(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.url}/staff/mailings/new")
    page.get_by_role("link", name="write in Markdown instead").click()
    page.get_by_label("Subject", exact=False).first.fill("A letter that opens doors")
    page.locator("[name=body]").fill(
        'Hello {{ first_name | default: "friend" }},\n\n[button: Read it](https://papers.example/1)'
    )
    preview = page.frame_locator("iframe.preview:visible")
    expect(preview.locator("body")).to_contain_text("Hello")
    page.get_by_role("button", name="Save and review").first.click()
    expect(page.locator("#checks-title")).to_have_text("Ready to go")
    expect(page.locator("main")).to_contain_text("amina@mail.example")
    page.locator("[name=at]").fill((datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT09:00"))
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.locator("main")).to_contain_text("Scheduled")
    page.goto(f"{installation.url}/staff/")
    expect(page.locator("main")).to_contain_text("A letter that opens doors")
    expect(page.locator("main")).to_contain_text("Send the re-licensing paper")
