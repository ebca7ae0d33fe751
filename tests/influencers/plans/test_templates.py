"""Plan templates: steps around an anchor, and what of them cannot stand."""

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.plans import drafting
from crm.influencers.plans.models import PlanTemplate

URL = "/staff/settings/plans/new"
FLY_IN = [("Meet", 0, 3), ("Request", -21, None), ("Confirm", -7, 2), ("Thank", 1, 1), ("Follow up", 14, 4)]


def rows(steps, **values):
    """Return what the form sends: (title, days, number of the step that it comes after) of each."""
    sent = {"name": "Fly-in day", "about": "", **values}
    for number, (title, days, after) in enumerate(steps):
        at = f"steps-{number}-"
        sent |= {f"{at}title": title, f"{at}days": days, f"{at}assignee": "owner", f"{at}after": after or ""}
    return sent


def make_template(steps=FLY_IN, name="Fly-in day"):
    typed = [
        {"title": title, "days": days, "assignee": "owner", "after": after, "out": False}
        for title, days, after in steps
    ]
    template = drafting.save(PlanTemplate(), {"name": name, "about": "", "steps": drafting.arrange(typed)})
    db.session.commit()
    return template


def test_a_template_is_written_and_stands_in_the_order_of_its_days(as_alice):
    page = as_alice.send(URL, rows(FLY_IN)).text
    assert "The plan template Fly-in day is saved." in page and "35 days" in page
    template = db.session.scalars(select(PlanTemplate)).one()
    assert [(step["title"], step["days"], step["after"]) for step in template.steps] == [
        ("Request", -21, None),
        ("Confirm", -7, 0),
        ("Meet", 0, 1),
        ("Thank", 1, 2),
        ("Follow up", 14, 3),
    ]
    page = as_alice.page(f"/staff/settings/plans/{template.id}").text
    assert page.count("<fieldset") == 5 + 3 and "Step 2: Confirm" in page


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([("A", 0, 2), ("B", 0, 3), ("C", 0, 1)], "in a circle: “A” → “B” → “C” → “A”"),
        ([("Start", 0, None), ("A", 0, 3), ("B", 0, 2)], "in a circle: “A” → “B” → “A”"),
        ([("A", 0, 1)], "in a circle: “A” → “A”"),
        ([("Thank", 1, None), ("Meet", 0, 1)], "“Meet” (0 days) comes after “Thank” (1 days), which is due later"),
        ([("Meet", 0, 2), ("", "", None)], "“Meet” comes after step 2, which is empty or taken out"),
        ([("Meet", 0, 9)], "“Meet” comes after step 9"),
        ([("", 3, None)], "Step 1: say what is to be done"),
        ([("Meet", "", None)], "Step 1: say how many days"),
        ([("Meet", "soon", None)], "Give a whole number of days"),
        ([("Meet", 9999, None)], "Give a number from -730 to 730."),
        ([("x" * 201, 0, None)], "longer than 200"),
        ([("", "", None)], "Write down at least one step"),
        ([("Kept", 0, None)] * 200, "A plan has at most 50 steps; this one has 200. Take 150 of them out."),
    ],
)
def test_what_cannot_stand_is_said_and_nothing_typed_is_lost(as_alice, steps, message):
    page = as_alice.send(URL, rows(steps, about="Typed with care"), status=422).text
    assert message in page.replace("&#39;", "'") and "Typed with care" in page
    assert page.count("<fieldset") == len(steps)
    assert all(f'value="{title}"' in page for title, _, _ in steps if title)
    assert db.session.scalar(select(func.count()).select_from(PlanTemplate)) == 0


def test_fifty_steps_are_allowed(as_alice):
    assert "is saved" in as_alice.send(URL, rows([(f"Step {n}", n, n or None) for n in range(50)])).text


def test_more_rows_are_offered_without_losing_what_was_typed(as_alice):
    page = as_alice.send(URL, rows(FLY_IN, more="1")).text
    assert page.count("<fieldset") == 8 and 'value="Follow up"' in page
    assert db.session.scalar(select(func.count()).select_from(PlanTemplate)) == 0


def test_a_step_is_taken_out_and_what_came_after_it_has_to_say_what_it_comes_after(as_alice):
    template = make_template()
    steps = [(one["title"], one["days"], None if one["after"] is None else one["after"] + 1) for one in template.steps]
    url, out = f"/staff/settings/plans/{template.id}", {"version": 1, "steps-1-out": "y"}
    page = as_alice.send(url, rows(steps, **out), status=422).text
    assert "“Meet” comes after step 2, which is empty or taken out." in page
    as_alice.send(url, rows(steps, **out) | {"steps-2-after": "1"})
    db.session.refresh(template)
    assert [(one["title"], one["after"]) for one in template.steps] == [
        ("Request", None),
        ("Meet", 0),
        ("Thank", 1),
        ("Follow up", 2),
    ]


def test_the_second_of_two_editors_sees_what_the_first_changed(as_alice):
    template = make_template([("Request", -21, None), ("Meet", 0, 1)])
    url = f"/staff/settings/plans/{template.id}"
    old = rows([("Request", -21, None), ("Meet", 0, 1)], version=1)
    as_alice.send(url, old | {"steps-1-title": "Meet the senator"})
    page = as_alice.send(url, old | {"name": "Lobby day"}, status=409).text
    assert "Somebody changed this plan template after you opened it" in page
    assert "Meet (+0 days)" in page and "Meet the senator (+0 days)" in page
    assert 'value="Lobby day"' in page and 'value="Meet the senator"' in page
    page = as_alice.send(url, old | {"steps-1-title": "Meet the aide", "version": 2}).text
    assert "is saved" in page


def test_names_are_told_apart_and_a_template_is_removed(as_alice):
    template = make_template()
    assert (
        "There is a plan template of that name already."
        in as_alice.send(URL, rows(FLY_IN, name="FLY-IN DAY"), 422).text
    )
    assert "is removed" in as_alice.send(f"/staff/settings/plans/{template.id}/remove").text
    assert "No plan templates yet" in as_alice.page("/staff/settings/plans/").text


def test_organizers_start_plans_and_write_no_templates(as_oscar):
    template = make_template()
    for path in ("", "new", template.id):
        assert as_oscar.get(f"/staff/settings/plans/{path}").status_code == 403
    for path in ("new", template.id, f"{template.id}/remove"):
        assert as_oscar.post(f"/staff/settings/plans/{path}", data=rows(FLY_IN, name="Mine")).status_code == 403
    assert db.session.scalars(select(PlanTemplate.name)).all() == [template.name]
