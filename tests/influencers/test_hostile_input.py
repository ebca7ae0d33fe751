"""Numbers beyond all columns, figures that are none, days at the end of time: a page answers, and never breaks."""

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.models import Ask, Interaction
from tests.influencers.test_every_route import walked

NAMES = (
    *("q", "page", "owner", "campaign", "payer", "contact", "ask", "influencer", "office", "sort", "order", "state"),
    *("stage", "sector", "interest", "influence", "stance", "lanes", "whose", "part", "back", "show", "name"),
)
VALUES = ("²", "9" * 30, "-1", "a\0b", "٣", "//evil.example", "%")
DAYS = ("9999-12-31", "0001-01-01")


@pytest.fixture
def browser(client_of, nora, secrets):
    nora.role = "admin"
    db.session.commit()
    return client_of(nora)


def pages(app, secrets, ada):
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    named = [address for _, method, address in walked(app, secrets, ada) if method == "GET"]
    return [*(path for path in plain if path.startswith("/staff/")), *named, "/staff/day/overdue"]


def test_no_page_breaks_by_what_its_address_says(app, browser, secrets, ada):
    for address in pages(app, secrets, ada):
        for value in VALUES:
            answer = browser.get(address, query_string=dict.fromkeys(NAMES, value))
            assert answer.status_code < 500, (address, value)
            assert "evil.example" not in (answer.location or ""), address


@pytest.mark.parametrize("day", DAYS)
def test_days_at_the_end_of_time_are_refused(browser, secrets, ada, day):
    talk, ask, task = secrets["talk"], secrets["ask"], secrets["task"]
    log = {"kind": "call", "summary": "Hi", "held_on": day, "next_step": "Write", "next_step_due": day}
    posts = [
        (f"/staff/interactions/with/{ada.id}", {f"log-{name}": value for name, value in log.items()}),
        (f"/staff/interactions/{talk.id}/edit", log | {"version": talk.version, "zone": "UTC"}),
        ("/staff/log/", log | {"who": "Ada Adams"}),
        (f"/staff/asks/new/{ada.id}", {"title": "Late", "category": "leverage", "due_on": day}),
        (
            f"/staff/asks/{ask.id}/edit",
            {"title": "Late", "category": "leverage", "due_on": day, "version": ask.version},
        ),
        (
            f"/staff/tasks/new/{ada.id}",
            {"task-title": "Late", "task-due_on": day, "task-assignee_id": task.assignee_id},
        ),
        (f"/staff/tasks/{task.id}", {"task-title": "Late", "task-due_on": day, "task-version": task.version}),
        (f"/staff/influencers/{ada.id}/plan", {"anchor_on": day}),
        (f"/staff/influencers/{ada.id}/snooze", {"snooze-reason": "Late", "snooze-until": day}),
        (f"/staff/influencers/{ada.id}/edit", {"last_name": "Late", "noticed_on": day, "version": ada.version}),
    ]
    before = db.session.scalar(select(func.count()).select_from(Interaction))
    for address, values in posts:
        answer = browser.post(address, data=values)
        assert answer.status_code in (200, 422) and ("Choose a " in answer.text or "/plan" in address), address
    assert db.session.scalar(select(func.count()).select_from(Interaction)) == before
    assert db.session.scalar(select(Ask.id).where(Ask.title == "Late")) is None


@pytest.mark.parametrize("number", ["²", "9" * 30])
def test_a_contact_of_no_possible_number_is_none(browser, secrets, number):
    values = {"last_name": "Hopper", "stage": "identified", "sector": "", "influence": "", "interest": ""}
    answer = browser.post("/staff/influencers/new", data=values | {"contact_id": number})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/", "/\\evil.example", "/staff/nowhere", "/\t/evil"]
)
def test_whoever_is_led_back_stays_on_pages_of_ours(browser, secrets, ada, back):
    talk, task = secrets["talk"], secrets["task"]
    log = {"kind": "call", "summary": "Hi", "held_on": "2026-11-01", "who": "Ada Adams"}
    to_do = {"task-title": "New", "task-due_on": "2099-01-01", "task-assignee_id": task.assignee_id}
    for address, values in (
        (f"/staff/interactions/{talk.id}/done", {}),
        (f"/staff/tasks/{task.id}/done", {}),
        (f"/staff/tasks/{task.id}/reopen", {}),
        (f"/staff/tasks/new/{ada.id}", to_do),
        ("/staff/log/", log),
        (f"/staff/tasks/{task.id}/delete", {}),
    ):
        assert browser.post(address, data=values | {"back": back}).location == "/staff/", address
    for page in (f"/staff/tasks/new/{ada.id}", "/staff/log/"):
        assert "evil" not in browser.get(page, query_string={"back": back}).text
