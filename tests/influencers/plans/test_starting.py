"""Starting a plan: its tasks are shown first, and made once."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.extensions import db
from crm.influencers.plans import drafting
from crm.influencers.plans.models import Plan
from crm.influencers.tasks.models import Task
from tests import factories
from tests.influencers.plans.test_templates import make_template

DAY = clock.today("America/New_York")


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    db.session.commit()
    return one


def days(number):
    return DAY + timedelta(days=number)


def typed(template, anchor, **values):
    return {
        "template_id": template.id,
        "anchor_on": anchor if isinstance(anchor, str) else anchor.isoformat(),
        **values,
    }


def shown(page):
    """Return what the page of the tasks would send."""
    steps = re.findall(r'name="step" value="(\d+)" checked', page)
    return {
        "template_version": re.search(r'name="template_version" value="(\d+)"', page)[1],
        "step": steps,
        "make": "1",
    }


def tasks():
    return db.session.scalars(select(Task).order_by(Task.due_on, Task.id)).all()


def test_the_tasks_of_a_plan_are_shown_and_then_made(as_alice, ada, oscar, alice):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    ask = factories.make_ask(ada, oscar, title="Keynote")
    values = typed(template, days(30), ask_id=ask.id)
    assert "Fly-in day" in as_alice.page(url).text
    page = as_alice.send(url, values).text
    assert "Nothing is made yet." in page and "Request" in page and tasks() == []
    page = as_alice.send(url, values | shown(page)).text
    assert "The plan Fly-in day is started." in page and "after “Request”" in page
    made = tasks()
    assert [(one.title, (one.due_on - DAY).days) for one in made] == [
        ("Request", 9),
        ("Confirm", 23),
        ("Meet", 30),
        ("Thank", 31),
        ("Follow up", 44),
    ]
    assert [one.after_id for one in made] == [None, *(one.id for one in made[:-1])]
    assert {(one.assignee_id, one.made_by_id, one.ask_id) for one in made} == {(oscar.id, alice.id, ask.id)}
    plan = db.session.scalars(select(Plan)).one()
    assert (plan.name, plan.anchor_on, {one.plan_id for one in made}) == ("Fly-in day", days(30), {plan.id})


def test_days_that_are_past_are_left_unticked_and_weekends_marked(as_oscar, ada):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    saturday = next(days(number) for number in range(8, 16) if days(number).weekday() == 5)
    page = as_oscar.send(url, typed(template, saturday)).text
    assert "Past" in page and "Saturday" in page and "Sunday" in page
    sent = typed(template, saturday) | shown(page)
    assert sent["step"] == ["1", "2", "3", "4"]
    as_oscar.send(url, sent)
    assert [one.title for one in tasks()] == ["Confirm", "Meet", "Thank", "Follow up"]


def test_a_step_that_is_left_out_is_passed_over_by_what_comes_after_it(as_oscar, ada):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    sent = typed(template, days(30)) | shown(as_oscar.send(url, typed(template, days(30))).text)
    as_oscar.send(url, sent | {"step": ["0", "3"]})
    request, thank = tasks()
    assert thank.after_id == request.id
    page = as_oscar.send(url, sent | {"step": []}, status=422).text
    assert "Tick at least one task." in page and len(tasks()) == 2


def test_a_template_that_changes_meanwhile_is_shown_anew_before_anything_is_made(as_oscar, ada):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    values = typed(template, days(30))
    sent = values | shown(as_oscar.send(url, values).text)
    kept = [{**step, "after": None} for step in template.steps if step["title"] != "Confirm"]
    drafting.save(template, {"name": "Fly-in day", "about": "", "steps": kept}, template.version)
    page = as_oscar.send(url, sent, status=409).text
    assert "Somebody changed the plan template" in page and "Confirm" not in page and tasks() == []
    as_oscar.send(url, values | shown(page))
    assert [one.title for one in tasks()] == ["Request", "Meet", "Thank", "Follow up"]


def test_a_template_that_is_removed_meanwhile_loses_nothing_typed(as_oscar, ada):
    template, other = make_template(), make_template(name="Other")
    url, values = f"/staff/influencers/{ada.id}/plan", typed(template, days(30))
    sent = values | shown(as_oscar.send(url, values).text)
    drafting.remove(template)
    page = as_oscar.send(url, sent, status=422).text
    assert "Somebody" in page and "nothing was made" in page and days(30).isoformat() in page
    assert other.name in page and tasks() == []


def test_a_plan_that_runs_stays_as_it_is(as_oscar, ada):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    values = typed(template, days(30))
    as_oscar.send(url, values | shown(as_oscar.send(url, values).text))
    before = [(one.title, one.due_on, one.after_id) for one in tasks()]
    steps = [{"title": "Else", "days": 0, "assignee": "owner", "after": None}]
    drafting.save(template, {"name": "Lobby day", "about": "", "steps": steps}, template.version)
    drafting.remove(template)
    db.session.commit()
    assert [(one.title, one.due_on, one.after_id) for one in tasks()] == before
    assert "Fly-in day" in as_oscar.page(f"/staff/influencers/{ada.id}").text


@pytest.mark.parametrize(
    ("anchor", "message"),
    [
        ("", "Give the day around which the plan lies."),
        ("9999-12-31", "Choose a year from 2000 to 2100."),
        ("2100-12-25", "“Follow up” would be due in 2101."),
        ("the day", "Give the date as year, month and day"),
    ],
)
def test_a_day_that_cannot_stand_is_said(as_oscar, ada, anchor, message):
    page = as_oscar.send(f"/staff/influencers/{ada.id}/plan", typed(make_template(), anchor), status=422).text
    assert message in page and tasks() == []


def test_a_plan_that_is_none_or_an_ask_of_somebody_else_is_refused(as_oscar, ada, oscar):
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    foreign = factories.make_ask(user=oscar)
    assert "Choose a plan." in as_oscar.send(url, {"anchor_on": days(30).isoformat()}, status=422).text
    values = typed(template, days(30), ask_id=foreign.id)
    sent = values | {"template_version": template.version, "step": ["0"], "make": "1"}
    assert "Choose an ask of Ada Adams, or none." in as_oscar.send(url, sent, status=422).text
    assert tasks() == [] and db.session.scalar(select(Plan)) is None


def test_a_plan_about_an_ask_leads_back_to_the_ask(as_oscar, ada, oscar):
    ask, template, url = factories.make_ask(ada, oscar), make_template(), f"/staff/influencers/{ada.id}/plan"
    db.session.commit()
    for ask_id, home in ((ask.id, f"/staff/asks/{ask.id}"), ("", f"/staff/influencers/{ada.id}")):
        values = typed(template, days(30), ask_id=ask_id)
        answer = as_oscar.post(url, data=values | shown(as_oscar.send(url, values).text))
        assert answer.location == f"{home}#tasks"


def test_an_owner_who_may_not_see_the_influencer_is_given_no_task(client_of, ada, oscar):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    sam = factories.make_user("organizer", name="Sam", organization_id=south.id)
    ada.owner_id, ada.organization_id = sam.id, north.id
    template, url = make_template(), f"/staff/influencers/{ada.id}/plan"
    values = typed(template, days(30))
    client_of(nora).send(url, values | shown(client_of(nora).send(url, values).text))
    assert {one.assignee_id for one in tasks()} == {nora.id}
    client_of(sam).send(url, values, status=404)
    assert isinstance(tasks()[0].due_on, date)


def test_without_templates_it_is_said_who_writes_one(as_oscar, as_alice, ada):
    assert "An admin writes one under Settings." in as_oscar.page(f"/staff/influencers/{ada.id}/plan").text
    assert "/staff/settings/plans/new" in as_alice.page(f"/staff/influencers/{ada.id}/plan").text
