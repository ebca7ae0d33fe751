"""Tasks: added, edited by two at once, done once, opened again, deleted, and seen by those who may."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import interactions, today
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task
from tests import factories
from tests.questions import asked

DAY = clock.today("America/New_York")  # As the users of the tests have it.


def days(number):
    return DAY + timedelta(days=number)


def make_task(influencer, user, **values):
    defaults = {"title": "Send the paper", "due_on": days(3), "assignee_id": user.id, "ask_id": None}
    return tracking.make(influencer, {**defaults, **values}, user)


def typed(task=None, **values):
    found = {"title": "Send the paper", "due_on": days(3).isoformat(), "assignee_id": "", "ask_id": "", "note": ""}
    if task:
        found |= {"title": task.title, "due_on": task.due_on.isoformat(), "assignee_id": task.assignee_id}
        found |= {"version": task.version, "note": task.note, "ask_id": task.ask_id or ""}
    return {f"task-{name}": value for name, value in {**found, **values}.items()}


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=oscar.id)
    db.session.commit()
    return one


def test_a_task_is_added_done_and_opened_again_on_the_profile(as_oscar, ada, oscar):
    profile = f"/staff/influencers/{ada.id}"
    values = typed(assignee_id=oscar.id) | {"back": f"{profile}#tasks"}
    page = as_oscar.send(f"/staff/tasks/new/{ada.id}", values).text
    assert "The task is added." in page and "Send the paper" in page and "due in 3 days" in page
    task = db.session.scalars(select(Task)).one()
    assert (task.assignee_id, task.made_by_id, task.organization_id) == (oscar.id, oscar.id, None)
    page = as_oscar.send(f"/staff/tasks/{task.id}/done", {"back": profile}).text
    assert "Done: Send the paper" in page and "1 done" in page
    page = as_oscar.send(f"/staff/tasks/{task.id}/reopen", {"back": profile}).text
    assert "To be done again: Send the paper" in page and "1 done" not in page


def test_done_twice_is_done_once_and_told_once_privately(ada, oscar, alice):
    task = make_task(ada, oscar)
    assert tracking.complete(task, oscar)
    done_at = task.done_at
    assert not tracking.complete(task, alice)
    assert (task.done_at, task.done_by_id) == (done_at, oscar.id)
    told = db.session.scalars(select(TimelineEntry).where(TimelineEntry.title.like("Done:%"))).all()
    assert [(one.private, one.organization_id, one.contact_id) for one in told] == [(True, None, ada.contact_id)]
    assert tracking.reopen(task, oscar) and not tracking.reopen(task, oscar)


def test_a_task_of_an_ask_stands_on_its_page_and_comes_back_there(as_oscar, ada, oscar):
    ask = factories.make_ask(ada, oscar, title="Keynote")
    db.session.commit()
    page = as_oscar.page(f"/staff/asks/{ask.id}").text
    assert "Nothing is to be done for this ask." in page
    values = typed(assignee_id=oscar.id, ask_id=ask.id) | {"back": f"/staff/asks/{ask.id}#tasks"}
    answer = as_oscar.post(f"/staff/tasks/new/{ada.id}", data=values)
    assert answer.location == f"/staff/asks/{ask.id}#tasks"
    assert "Send the paper" in as_oscar.page(f"/staff/asks/{ask.id}").text
    assert re.search(r"for <a href=\"/staff/asks/\d+\">Keynote", as_oscar.page(f"/staff/influencers/{ada.id}").text)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": " "}, "Say what is to be done."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"due_on": ""}, "Give the day by which it is to be done."),
        ({"due_on": "soon"}, "Give the date as year, month and day"),
        ({"due_on": "9999-12-31"}, "Choose a year from 2000 to 2100."),
        ({"due_on": days(-1).isoformat()}, "That day is past."),
        ({"assignee_id": ""}, "Say who does it."),
        ({"assignee_id": "987654"}, "Say who does it."),
        ({"assignee_id": "99999999999"}, "Invalid Choice"),
        ({"ask_id": "77"}, "Choose an ask of Ada Adams, or none."),
        ({"ask_id": "x"}, "Invalid Choice"),
    ],
)
def test_what_cannot_stand_is_said_and_what_was_typed_stays(as_oscar, ada, oscar, values, message):
    values = typed(**{"assignee_id": oscar.id, "note": "Typed with care", **values})
    page = as_oscar.send(f"/staff/tasks/new/{ada.id}", values, status=422).text
    assert message in page and "Typed with care" in page
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0


def test_a_task_that_is_late_is_edited_without_another_day_but_not_moved_into_the_past(as_oscar, ada, oscar):
    task = make_task(ada, oscar, due_on=days(-4))
    url = f"/staff/tasks/{task.id}"
    assert "Saved." in as_oscar.send(url, typed(task, title="Send the long paper")).text
    page = as_oscar.send(url, typed(task, due_on=days(-2).isoformat()), status=422).text
    assert "That day is past." in page
    assert (task.title, task.due_on) == ("Send the long paper", days(-4))


def test_the_second_of_two_editors_sees_what_the_first_changed(as_oscar, as_alice, ada, oscar, alice):
    task = make_task(ada, oscar)
    url, old = f"/staff/tasks/{task.id}", typed(task)
    as_oscar.send(url, typed(task, assignee_id=alice.id, title="Send both papers"))
    page = as_alice.send(url, old | {"task-note": "By post"}, status=409).text
    assert "Somebody changed this task after you opened it" in page and "By post" in page
    assert "“<bdi>Oscar Organizer</bdi>” to “<bdi>Alice Admin</bdi>”" in page and "Send both papers" in page
    db.session.refresh(task)
    assert (task.title, task.note) == ("Send both papers", "")


def test_who_edits_a_task_that_was_done_meanwhile_is_told(as_oscar, ada, oscar, alice):
    task = make_task(ada, oscar)
    old = typed(task, note="By post")
    tracking.complete(task, alice)
    page = as_oscar.send(f"/staff/tasks/{task.id}", old, status=409).text
    assert "Done from “<bdi>no</bdi>” to “<bdi>yes</bdi>”" in page and "By post" in page


def test_a_deleted_task_leaves_its_trace_and_lets_the_next_come_after_the_one_before(as_oscar, ada, oscar):
    first, second, third = (make_task(ada, oscar, title=title) for title in ("First", "Second", "Third"))
    second.after_id, third.after_id = first.id, second.id
    number = second.id
    assert "Deleted: Second" in as_oscar.send(f"/staff/tasks/{number}/delete").text
    db.session.refresh(third)
    assert third.after_id == first.id
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.thing == "task", AuditEntry.verb == "delete")).one()
    assert (entry.thing_id, entry.changes["title"]) == (number, ["Second", None])
    as_oscar.send(f"/staff/tasks/{number}", status=404)


def test_an_open_task_is_a_next_step_and_due(ada, oscar, alice):
    interactions.log(ada.contact, "call", days(-3), "Call", oscar)
    assert [why for _, why in today.stale(DAY).shown] == ["no next step"]
    task = make_task(ada, alice, due_on=days(1))
    assert today.stale(DAY).shown == []
    assert [(one.kind, one.title, one.days_late) for one in today.due(DAY)] == [("task", "Send the paper", -1)]
    assert today.due(DAY, oscar.id) == [] and len(today.due(DAY, alice.id)) == 1
    tracking.complete(task, alice)
    assert [why for _, why in today.stale(DAY).shown] == ["no next step"]
    assert today.due(DAY) == []


def test_the_profile_agrees_with_the_list_of_stale_ones(as_oscar, ada, oscar):
    interactions.log(ada.contact, "call", days(-3), "Call", oscar)
    assert "Gone stale: no next step" in as_oscar.page(f"/staff/influencers/{ada.id}").text
    make_task(ada, oscar)
    assert "Gone stale" not in as_oscar.page(f"/staff/influencers/{ada.id}").text


def test_a_day_on_a_weekend_is_marked(as_oscar, ada, oscar):
    saturday = next(days(n) for n in range(1, 8) if days(n).weekday() == 5)
    make_task(ada, oscar, due_on=saturday)
    assert '<span class="tag">Saturday</span>' in as_oscar.page(f"/staff/influencers/{ada.id}").text


def test_a_viewer_reads_tasks_and_changes_none(as_bob, ada, oscar):
    task = make_task(ada, oscar)
    page = as_bob.page(f"/staff/influencers/{ada.id}").text
    assert "Send the paper" in page and "Add a task" not in page and f"/staff/tasks/{task.id}" not in page
    for path in (f"/staff/tasks/new/{ada.id}", f"/staff/tasks/{task.id}", f"/staff/influencers/{ada.id}/plan"):
        as_bob.page(path, status=403)


def test_the_section_costs_one_query_however_many_tasks_there_are(as_oscar, ada, oscar, alice):
    url = f"/staff/influencers/{ada.id}"
    counts = []
    for _ in range(2):
        for number in range(4):
            task = make_task(ada, oscar, title=f"Task {number}", assignee_id=(oscar, alice)[number % 2].id)
            if number == 3:
                tracking.complete(task, alice)
        db.session.commit()
        as_oscar.page(url)
        counts.append(count_queries(lambda: as_oscar.page(url), "FROM task"))
    assert counts == [1, 1]


def count_queries(act, words=""):
    """Return how many statements with these words the act sends."""
    with asked() as seen:
        act()
    return len([one for one in seen if words in " ".join(one.split())])


class TestMembers:
    """Members compete: a task stays with who made it, and with whoever is to do it."""

    @pytest.fixture
    def nora(self, app):
        return self.staff_of("North", "Nora")

    @pytest.fixture
    def sam(self, app):
        return self.staff_of("South", "Sam")

    def staff_of(self, organization, name):
        member = factories.make_organization(organization, is_member=True, via=organization.lower())
        user = factories.make_user("organizer", name=name, organization_id=member.id)
        db.session.commit()
        return user

    def test_own_staff_and_the_assignee_alone_read_it(self, client_of, ada, nora, sam, oscar):
        task = make_task(ada, nora, title="Xyzzy")
        colleague = factories.make_user("organizer", organization_id=nora.organization_id)
        profile, url = f"/staff/influencers/{ada.id}", f"/staff/tasks/{task.id}"
        for user, sees in ((nora, True), (colleague, True), (sam, False), (oscar, False)):
            browser = client_of(user)
            assert ("Xyzzy" in browser.page(profile).text) is sees, user.name
            browser.page(url, status=200 if sees else 404)
        task.assignee_id = sam.id
        db.session.commit()
        assert "Xyzzy" in client_of(sam).page(profile).text
        assert "Xyzzy" in client_of(sam).page("/staff/day/").text
        client_of(sam).send(f"{url}/delete", status=403)
        assert "Done: Xyzzy" in client_of(sam).send(f"{url}/done", {"back": "/staff/day/"}).text
        assert "Xyzzy" not in client_of(sam).page(f"/staff/people/{ada.contact_id}").text
        assert "Done: Xyzzy" in client_of(nora).page(f"/staff/people/{ada.contact_id}").text

    def test_who_does_not_see_the_influencer_is_not_given_a_task(self, client_of, ada, nora, sam, oscar, bob):
        ada.organization_id = nora.organization_id
        db.session.commit()
        browser, url = client_of(nora), f"/staff/tasks/new/{ada.id}"
        offered = browser.page(url).text
        assert f'value="{oscar.id}"' in offered and f'value="{sam.id}"' not in offered
        page = browser.send(url, typed(assignee_id=sam.id), status=422).text
        assert "Sam does not see Ada Adams, whom North keeps for itself." in page
        assert "Bob Viewer may not work on influencers" in browser.send(url, typed(assignee_id=bob.id), status=422).text
        assert "The task is added." in browser.send(url, typed(assignee_id=oscar.id)).text
        assert "Send the paper" in client_of(oscar).page("/staff/day/").text

    def test_a_task_goes_out_of_sight_with_its_influencer(self, client_of, ada, nora, sam):
        task = make_task(ada, sam, title="Xyzzy")
        ada.organization_id = nora.organization_id
        db.session.commit()
        browser = client_of(sam)
        assert "Xyzzy" not in browser.page("/staff/day/").text + browser.page("/staff/day/?whose=all").text
        browser.send(f"/staff/tasks/{task.id}/done", status=404)

    def test_the_title_of_an_ask_that_the_assignee_does_not_see_is_not_shown(self, client_of, ada, nora, sam):
        ask = factories.make_ask(ada, nora, title="Xyzzy grant", category="resources")
        task = make_task(ada, nora, assignee_id=sam.id, ask_id=ask.id)
        browser = client_of(sam)
        pages = (f"/staff/tasks/{task.id}", f"/staff/influencers/{ada.id}", "/staff/day/", "/staff/")
        for path in pages:
            page = browser.page(path).text
            assert "Send the paper" in page and "Xyzzy" not in page, path
        saved = browser.send(f"/staff/tasks/{task.id}", typed(task, note="Will do")).text
        assert "Saved." in saved
        db.session.refresh(task)
        assert (task.note, task.ask_id) == ("Will do", ask.id)
