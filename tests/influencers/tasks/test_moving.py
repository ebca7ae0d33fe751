"""Moving a task, and what comes after it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.influencers.tasks import moving, tracking
from tests import factories

DAY = clock.today("America/New_York")


def days(number):
    return DAY + timedelta(days=number)


@pytest.fixture
def chain(app, oscar):
    """Request, confirm, meet, thank, one after the other a week apart; and one that stands alone."""
    ada = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    made, before = [], None
    for number, title in enumerate(("Request", "Confirm", "Meet", "Thank")):
        values = {"title": title, "due_on": days(7 * number + 1), "assignee_id": oscar.id}
        task = tracking.make(ada, values, oscar)
        task.after_id = before
        before = task.id
        made.append(task)
    tracking.make(ada, {"title": "Alone", "due_on": days(2), "assignee_id": oscar.id}, oscar)
    db.session.commit()
    return made


def typed(task, **values):
    found = {"title": task.title, "due_on": task.due_on.isoformat(), "assignee_id": task.assignee_id, "note": ""}
    return {f"task-{name}": value for name, value in {**found, "version": task.version, "ask_id": "", **values}.items()}


def listed(page):
    """Return what the page of moves would send: all that is listed and ticked."""
    shown = re.findall(r'name="shown" value="(\d+:\d+)"', page)
    return {"shown": shown, "move": re.findall(r'name="move" value="(\d+)" checked', page)}


def dates(chain):
    for task in chain:
        db.session.refresh(task)
    return [(task.due_on - DAY).days for task in chain]


def test_another_day_for_one_offers_to_move_all_that_come_after_it(as_oscar, chain):
    request, _confirm, meet, thank = chain
    values, url = typed(request, due_on=days(4).isoformat()), f"/staff/tasks/{request.id}"
    page = as_oscar.send(url, values).text
    assert "Which tasks move too?" in page and "3 days" in page and "Alone" not in page
    assert [title in page for title in ("Confirm", "Meet", "Thank")] == [True] * 3
    assert dates(chain) == [1, 8, 15, 22]
    choices = listed(page)
    assert len(choices["move"]) == 3
    choices["move"].remove(str(thank.id))
    page = as_oscar.send(url, values | choices).text
    assert "Saved, and 2 tasks moved with it." in page
    assert dates(chain) == [4, 11, 18, 22]
    trail = select(AuditEntry).where(
        AuditEntry.thing == "task", AuditEntry.thing_id == meet.id, AuditEntry.verb == "edit"
    )
    assert db.session.scalars(trail).one().changes["due_on"] == [days(15).isoformat(), days(18).isoformat()]


def test_nothing_moves_where_nothing_is_ticked_and_nobody_is_asked_where_the_day_stays(as_oscar, chain):
    request, url = chain[0], f"/staff/tasks/{chain[0].id}"
    values = typed(request, due_on=days(3).isoformat())
    shown = listed(as_oscar.send(url, values).text)["shown"]
    assert "Saved." in as_oscar.send(url, values | {"shown": shown}).text
    assert dates(chain) == [3, 8, 15, 22]
    assert "Saved." in as_oscar.send(url, typed(request, title="Ask for a day")).text
    last = typed(chain[3], due_on=days(30).isoformat())
    assert "Saved." in as_oscar.send(f"/staff/tasks/{chain[3].id}", last).text
    assert dates(chain) == [3, 8, 15, 30]


def test_what_is_done_stays_and_frees_what_comes_after_it(chain, oscar):
    request, confirm, meet, _thank = chain
    tracking.complete(meet, oscar)
    assert [(one.task.title, one.new) for one in moving.offered(request, days(2), oscar)] == [("Confirm", days(9))]
    assert moving.offered(meet, days(20), oscar)[0].task.title == "Thank"
    assert moving.offered(request, request.due_on, oscar) == []
    tracking.complete(confirm, oscar)
    assert moving.offered(request, days(2), oscar) == []


@pytest.mark.parametrize("change", ["moved", "done", "gone"])
def test_where_one_of_them_changed_meanwhile_nothing_is_saved_and_the_list_is_shown_anew(
    as_oscar, chain, alice, change
):
    request, _confirm, meet, _thank = chain
    values, url = typed(request, due_on=days(4).isoformat(), note="Typed with care"), f"/staff/tasks/{request.id}"
    choices = listed(as_oscar.send(url, values).text)
    if change == "moved":
        tracking.edit(meet, {"title": "Meet", "due_on": days(16), "assignee_id": alice.id}, alice, meet.version, DAY)
        words, after = "Somebody changed “Meet” meanwhile.", [1, 8, 16, 22]
    elif change == "done":
        tracking.complete(meet, alice)
        words, after = "2 of the tasks are done or gone meanwhile.", [1, 8, 15, 22]
    else:
        tracking.remove(chain.pop())
        words, after = "1 of the tasks is done or gone meanwhile.", [1, 8, 15]
    page = as_oscar.send(url, values | choices, status=409).text
    assert words in page and "Nothing was saved yet." in page and "Typed with care" in page
    assert dates(chain) == after
    assert "moved with it" in as_oscar.send(url, values | listed(page)).text
    assert dates(chain)[:2] == [4, 11]


def test_a_collision_on_the_task_itself_moves_nothing(as_oscar, chain, alice):
    request, url = chain[0], f"/staff/tasks/{chain[0].id}"
    values = typed(request, due_on=days(4).isoformat())
    choices = listed(as_oscar.send(url, values).text)
    other = {"title": "Ask the scheduler", "due_on": request.due_on, "assignee_id": alice.id}
    tracking.edit(request, other, alice, request.version, DAY)
    page = as_oscar.send(url, values | choices, status=409).text
    assert "Somebody changed this task after you opened it" in page
    assert dates(chain) == [1, 8, 15, 22]


def test_no_day_moves_beyond_the_years_that_make_sense(as_oscar, chain):
    request, url = chain[0], f"/staff/tasks/{chain[0].id}"
    values = typed(request, due_on="2100-12-30")
    page = as_oscar.send(url, values).text
    page = as_oscar.send(url, values | listed(page), status=422).text
    assert "“Confirm” would move beyond the year 2100." in page and "2100-12-30" in page
    assert dates(chain) == [1, 8, 15, 22]


def test_one_may_go_back_and_change_the_task_again(as_oscar, chain):
    request, url = chain[0], f"/staff/tasks/{chain[0].id}"
    values = typed(request, due_on=days(4).isoformat(), note="Typed with care")
    page = as_oscar.send(url, values | {"again": "1"}).text
    assert "Edit the task" in page and "Typed with care" in page and days(4).isoformat() in page
    assert dates(chain) == [1, 8, 15, 22]


def test_an_assignee_of_another_member_moves_nothing_that_is_not_seen(client_of, chain):
    south = factories.make_organization("South", is_member=True)
    sam = factories.make_user("organizer", name="Sam", organization_id=south.id)
    request, url = chain[0], f"/staff/tasks/{chain[0].id}"
    request.assignee_id = sam.id
    db.session.commit()
    values, browser = typed(request, due_on=days(4).isoformat()), client_of(sam)
    forged = {"shown": [f"{one.id}:{one.version}" for one in chain], "move": [str(one.id) for one in chain[1:]]}
    page = browser.send(url, values | forged, status=409).text
    assert "3 of the tasks are done or gone meanwhile." in page and "Confirm" not in page
    assert "Saved." in browser.send(url, values).text
    assert dates(chain) == [4, 8, 15, 22]
