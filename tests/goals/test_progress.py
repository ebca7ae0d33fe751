"""Goals of an installation, counted in the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from crm.contacts.models import Source
from crm.extensions import db
from crm.goals import progress
from tests import factories
from tests.factories import add, make_contact

NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(app):
    with time_machine.travel(NOW, tick=False):
        yield


def make_goal(**values):
    return factories.make_goal(**{"target": 10, "starts_on": date(2026, 11, 1), **values})


def confirmed(day, source=None, hour=12):
    return make_contact(confirmed_at=datetime(2026, *day, hour, tzinfo=UTC), source=source)


def test_only_confirmed_sign_ups_within_the_goal_count(app):
    goal = make_goal(deadline=date(2026, 11, 20))
    confirmed((10, 31))
    confirmed((11, 2))
    confirmed((11, 20))
    confirmed((11, 21))
    make_contact()
    assert progress.counted(goal) == 2


def test_the_days_of_a_goal_begin_in_the_zone_of_the_coalition(app):
    goal = make_goal(deadline=date(2026, 11, 20))
    confirmed((11, 1), hour=3)
    confirmed((11, 21), hour=4)
    assert progress.counted(goal) == 1


def test_the_split_adds_up_to_the_count(app):
    goal = make_goal()
    site = add(Source(digest="a", kind="website", label="Website"))
    for day in (2, 3, 9, 20):
        confirmed((11, day), source=site)
    confirmed((11, 9))
    split = progress.by_week(goal)
    assert split.counts == {"Website": [2, 1, 1, 0], "Unknown": [0, 1, 0, 0]}
    assert split.total == progress.counted(goal) == 5


def test_the_current_goal_is_the_next_to_end(app):
    make_goal(title="Past", deadline=date(2026, 11, 10))
    make_goal(title="Far", deadline=date(2027, 11, 10))
    make_goal(title="Near", deadline=date(2026, 11, 22))
    assert progress.current().title == "Near"


def test_without_a_running_goal_the_last_one_stands(app):
    assert progress.current() is None
    make_goal(title="Older", deadline=date(2026, 11, 5))
    make_goal(title="Old", deadline=date(2026, 11, 10))
    assert progress.current().title == "Old"


def test_the_home_page_gets_the_public_goal_for_one_count(app):
    make_goal(title="Ours", public=False)
    assert progress.public_goal() is None
    make_goal(title="Yours", target=800)
    confirmed((11, 2))
    db.session.commit()
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    found = progress.public_goal()
    assert (found.title, found.actual, found.target, found.deadline) == ("Yours", 1, 800, date(2026, 12, 31))
    assert sum("count(" in statement.lower() for statement in seen) == 1


def test_alice_sets_changes_and_deletes_a_goal(as_alice):
    page = as_alice.page("/staff/goals/")
    assert "No goal yet" in page.text
    form = {"title": "Spring", "metric": "confirmed_sign_ups", "target": "800", "public": "y"}
    form |= {"starts_on": "2026-11-01", "deadline": "2027-08-08", "title_es": "Primavera"}
    page = as_alice.send("/staff/goals/new", form)
    assert "Spring" in page.text
    goal = progress.current()
    assert [goal.said(code).text for code in ("en", "es", "ar")] == ["Spring", "Primavera", "Spring"]
    assert 'value="Primavera"' in as_alice.page(f"/staff/goals/{goal.id}").text
    page = as_alice.send(f"/staff/goals/{goal.id}", form | {"target": "900", "version": 1})
    assert "of 900" in page.text
    as_alice.send(f"/staff/goals/{goal.id}/delete")
    assert progress.current() is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": "0"}, "1 to 10,000,000"),
        ({"target": "many"}, "Not a valid integer"),
        ({"deadline": "2026-11-01"}, "must end after it starts"),
        ({"deadline": "soon"}, "Not a valid date"),
        ({"title": ""}, "Enter a title"),
        ({"title": "x" * 201}, "longer than 200"),
        ({"metric": "wishes"}, "Not a valid choice"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_with_what_was_typed(as_alice, change, says):
    form = {"title": "Spring", "metric": "confirmed_sign_ups", "target": "800"}
    form |= {"starts_on": "2026-11-01", "deadline": "2027-08-08"}
    page = as_alice.send("/staff/goals/new", form | change)
    assert says in page.text
    assert "There is a problem" in page.text
    assert progress.current() is None


def test_the_forecast_stands_on_the_page(as_bob):
    start = NOW.date() - timedelta(weeks=10)
    make_goal(title="Supporters", target=80, starts_on=start, deadline=start + timedelta(weeks=40))
    for _ in range(16):
        confirmed((11, 2))
    page = as_bob.page("/staff/goals/")
    assert "2.1" in page.text
    reached = f"{start + timedelta(weeks=50):%B %-d, %Y}"
    assert f"{reached}</strong>, 10 weeks late." in page.text and "of 40" not in page.text
