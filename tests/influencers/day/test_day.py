"""My day: overdue first, then today, then what comes; whom one meets, who is stale, whose snooze ends."""

import re
from datetime import timedelta

import pytest

from crm.base import clock
from crm.extensions import db
from crm.influencers import interactions
from crm.influencers.day import agenda
from crm.influencers.snoozes.models import Snooze
from crm.influencers.tasks import tracking
from tests import factories
from tests.influencers.tasks.test_tasks import count_queries, make_task

DAY = clock.today("America/New_York")  # As the users of the tests have it.
URL = "/staff/day/"


def days(number):
    return DAY + timedelta(days=number)


def step(influencer, user, title, due, **values):
    given = {"next_step": title, "next_step_due": days(due), **values}
    return interactions.log(influencer.contact, "call", days(-2), "Spoke", user, **given)


def made_before(interaction):
    interaction.created_at = clock.now() - timedelta(days=2)
    return interaction


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id)
    db.session.commit()
    return one


def part(page, name):
    """Return the text of one section of the page."""
    return page.partition(f'id="{name}-title"')[2].partition("</section>")[0]


def test_an_empty_day_says_what_to_do_next(as_oscar):
    page = as_oscar.page(URL).text
    assert "Nothing waits for you" in page and "/staff/influencers/?sort=last" in page
    assert "Nothing waits for anybody" in as_oscar.page(f"{URL}?whose=all").text
    assert "No ask, next step or task is overdue." in as_oscar.page(f"{URL}overdue").text
    as_oscar.page(f"{URL}yesterday", status=404)


def test_asks_next_steps_and_tasks_stand_in_their_parts(as_oscar, ada, oscar):
    factories.make_ask(ada, oscar, title="Late ask", owner_id=oscar.id, due_on=days(-3))
    step(ada, oscar, "Late step", -1)
    make_task(ada, oscar, title="Task of today", due_on=DAY)
    factories.make_ask(ada, oscar, title="Ask of the week", owner_id=oscar.id, due_on=days(7))
    make_task(ada, oscar, title="Task beyond", due_on=days(8))
    page = as_oscar.page(URL).text
    overdue, today, coming = (part(page, name) for name in ("overdue", "today", "coming"))
    assert overdue.index("Late ask") < overdue.index("Late step")
    assert "3 days late" in overdue and "1 day late" in overdue and "Ada Adams" in overdue
    assert "Task of today" in today and "due today" in today
    assert "Ask of the week" in coming and "Task beyond" not in page
    assert page.index('id="overdue-title"') < page.index('id="today-title"') < page.index('id="coming-title"')


def test_mine_are_those_that_i_am_to_do_and_all_are_those_of_our_staff(as_oscar, ada, oscar, alice):
    factories.make_ask(ada, alice, title="Ask of Alice", owner_id=alice.id, due_on=DAY)
    step(ada, alice, "Step of Alice", 0)
    make_task(ada, alice, title="Task of Alice", due_on=DAY)
    make_task(ada, alice, title="Task for Oscar", due_on=DAY, assignee_id=oscar.id)
    page = as_oscar.page(URL).text
    assert "Task for Oscar" in page and "of Alice" not in page
    page = as_oscar.page(f"{URL}?whose=all").text
    assert all(title in page for title in ("Ask of Alice", "Step of Alice", "Task of Alice", "Task for Oscar"))
    assert "Alice Admin" in page


def test_what_is_done_or_closed_is_gone(as_oscar, ada, oscar):
    task, late = make_task(ada, oscar, title="Task", due_on=DAY), step(ada, oscar, "Step", 0)
    make_task(ada, oscar, title="Left", due_on=days(1))
    page = as_oscar.send(f"/staff/tasks/{task.id}/done", {"back": URL}).text
    assert "Done: Task" in page and "<h1>My day" in page
    page = as_oscar.send(f"/staff/interactions/{late.id}/done", {"back": f"{URL}?whose=all"}).text
    assert "Done: Step" in page and "<h1>Everybody’s day" in page and "Left" in page
    assert "Task" not in part(page, "today") and "Step" not in part(page, "today")


def test_meetings_of_today_and_what_was_planned_for_it(as_oscar, ada, oscar, alice):
    interactions.log(ada.contact, "meeting", DAY, "Coffee at nine", oscar)
    made_before(interactions.log(ada.contact, "call", DAY, "She calls at four", oscar))
    interactions.log(ada.contact, "call", DAY, "Just spoken", oscar)
    made_before(interactions.log(ada.contact, "note", DAY, "A note", oscar))
    interactions.log(ada.contact, "meeting", days(1), "Tomorrow", oscar)
    interactions.log(ada.contact, "meeting", DAY, "Lunch of Alice", alice)
    found = part(as_oscar.page(URL).text, "meetings")
    assert "Coffee at nine" in found and "She calls at four" in found
    assert not any(words in found for words in ("Just spoken", "A note", "Tomorrow", "Lunch of Alice"))
    assert "Lunch of Alice" in part(as_oscar.page(f"{URL}?whose=all").text, "meetings")


def test_a_meeting_stands_in_the_day_of_each_colleague_who_takes_part(as_oscar, ada, oscar, alice):
    interactions.log(ada.contact, "meeting", DAY, "Lunch of both", alice, participants=oscar.email)
    db.session.commit()
    assert "Lunch of both" in part(as_oscar.page(URL).text, "meetings")


def test_a_next_step_with_somebody_who_is_no_influencer_is_due_too(as_oscar, oscar):
    contact = factories.make_contact(first_name="Pat", last_name="Aide")
    values = {"next_step": "Send Pat the paper", "next_step_due": DAY}
    one = interactions.log(contact, "email", days(-1), "A mail", oscar, openness="private", **values)
    db.session.commit()
    for address in (URL, "/staff/"):
        page = as_oscar.page(address).text
        assert "Send Pat the paper" in page and f'href="/staff/interactions/{one.id}"' in page
    assert "Done: Send Pat the paper" in as_oscar.send(f"/staff/interactions/{one.id}/done", {"back": URL}).text


def test_who_is_stale_stands_there_with_the_reason_and_whose_snooze_ends(as_oscar, ada, oscar):
    interactions.log(ada.contact, "call", days(-60), "Call", oscar)
    grace = factories.make_influencer("Grace", "Green", owner_id=oscar.id)
    for until, reason in ((DAY, "Back from leave"), (days(1), "Away until tomorrow")):
        values = {"influencer_id": grace.id, "reason": reason, "until": until, "user_id": oscar.id}
        factories.add(Snooze(**values))
    page = as_oscar.page(URL).text
    assert "no interaction in 60 days" in part(page, "stale") and "Ada Adams" in part(page, "stale")
    assert "Back from leave" in part(page, "waking") and "Away until tomorrow" not in page


def test_logging_leads_back_to_the_day(as_oscar, ada, oscar):
    make_task(ada, oscar, due_on=DAY)
    link = re.search(r'href="(/staff/log/\?[^"]+)"[^>]*>Log a call', as_oscar.page(URL).text)[1].replace("&amp;", "&")
    page = as_oscar.page(link).text
    assert 'value="Ada Adams"' in page and f'name="back" value="{URL}"' in page
    values = {"who": "Ada Adams", "kind": "call", "held_on": DAY.isoformat(), "summary": "Spoke", "back": URL}
    page = as_oscar.send("/staff/log/", values).text
    assert "Logged with Ada Adams." in page and "<h1>My day" in page


def test_all_that_is_overdue_is_there_page_by_page(as_oscar, ada, oscar):
    for number in range(60):
        make_task(ada, oscar, title=f"Late {number:02}", due_on=days(-1 - number))
    factories.make_ask(ada, oscar, title="Late ask", owner_id=oscar.id, due_on=days(-90))
    page = as_oscar.page(URL).text
    assert part(page, "overdue").count("<li") == 25 and "All 61" in page
    first, second = (as_oscar.page(f"{URL}overdue?page={number}").text for number in (1, 2))
    assert first.count("days late") + first.count("day late") == 50 and "Late ask" in first
    assert "Late 00" in second and "51–61 of 61" in second and "Late 59" not in second
    assert "Late 00" in as_oscar.page(f"{URL}overdue?page=999999999999999999999").text
    assert "Nothing here" in as_oscar.page(f"{URL}today").text


def test_the_parts_hold_what_their_names_say(ada, oscar):
    for due in (-2, 0, 1, 7, 8):
        make_task(ada, oscar, title=f"Due {due}", due_on=days(due))
    found = {name: agenda.of_part(name, DAY, None, None, 1) for name in agenda.PARTS}
    assert {name: [one.title for one in page.rows] for name, page in found.items()} == {
        "overdue": ["Due -2"],
        "today": ["Due 0"],
        "coming": ["Due 1", "Due 7"],
    }
    assert {name: one.count for name, one in agenda.of_day(DAY, None, None, 1).items()} == {
        "overdue": 1,
        "today": 1,
        "coming": 2,
    }


def test_a_viewer_sees_the_day_and_no_buttons(as_bob, ada, oscar):
    make_task(ada, oscar, title="Look", due_on=DAY)
    page = as_bob.page(f"{URL}?whose=all").text
    assert "Look" in page and "Done" not in page and "Log a call" not in page


def test_a_full_day_takes_at_most_fifteen_queries(as_oscar, ada, oscar):
    interactions.log(ada.contact, "meeting", DAY, "Coffee", oscar)
    for number in range(30):
        influencer = factories.make_influencer(stage="engaged", owner_id=oscar.id)
        interactions.log(influencer.contact, "call", days(-60), "Call", oscar)
        for due in (-1, 0, 2):
            factories.make_ask(influencer, oscar, owner_id=oscar.id, due_on=days(due))
            step(influencer, oscar, f"Step {number}", due)
            make_task(influencer, oscar, due_on=days(due))
    factories.add(Snooze(influencer_id=ada.id, reason="Away", until=DAY, user_id=oscar.id))
    for url in (URL, f"{URL}?whose=all", f"{URL}overdue", "/staff/log/"):
        as_oscar.page(url)
        assert count_queries(lambda url=url: as_oscar.page(url)) <= 15 + 2, url  # BEGIN and ROLLBACK are no queries.


def test_the_panel_of_the_dashboard_shows_a_few_and_leads_to_the_day(as_oscar, ada, oscar):
    for number in range(30):
        make_task(ada, oscar, title=f"Task {number:02}", due_on=DAY)
    page = as_oscar.page("/staff/").text
    assert "Task 19" in page and "Task 20" not in page and f'href="{URL}"' in page
    task = make_task(ada, oscar, title="Oldest", due_on=days(-9))
    assert "Oldest" in as_oscar.page("/staff/").text
    tracking.complete(task, oscar)
    assert "Oldest" not in as_oscar.page("/staff/").text
