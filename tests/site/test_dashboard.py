"""The staff dashboard."""

from datetime import date, timedelta

from crm.base import clock, registries
from crm.contacts.models import Source
from crm.goals.models import Goal
from crm.site import providers
from tests.factories import add, make_contact


def make_goal(**values):
    start = clock.today() - timedelta(weeks=4)
    defaults = {"metric": "confirmed_sign_ups", "title": "Supporters by spring", "target": 800}
    return add(Goal(**{**defaults, "starts_on": start, "deadline": start + timedelta(weeks=40), **values}))


def test_without_a_goal_the_dashboard_says_what_to_do(as_alice):
    page = as_alice.page("/staff/")
    assert "No goal yet" in page.text
    assert "/staff/goals/new" in page.text


def test_a_viewer_is_not_offered_what_a_viewer_may_not(as_bob):
    page = as_bob.page("/staff/")
    assert "/staff/goals/new" not in page.text
    assert "/staff/users/" not in page.text.replace("/staff/users/me", "")


def test_the_goal_stands_there_with_its_chart_and_the_numbers_as_a_table(as_bob):
    make_goal()
    site = add(Source(digest="a", kind="website", label="Website"))
    for _ in range(3):
        make_contact(topics={"research": "active"}, source=site)
    page = as_bob.page("/staff/")
    assert "Supporters by spring" in page.text
    assert "of 800" in page.text
    assert 'data-chart="bar"' in page.text
    assert "Week of" in page.text
    assert "Website" in page.text


def test_a_goal_without_sign_ups_shows_where_to_begin(as_bob):
    make_goal()
    assert "Nobody has signed up since" in as_bob.page("/staff/").text


def test_a_goal_in_the_past_and_one_in_the_future_open_too(as_bob):
    goal = make_goal(starts_on=date(2020, 1, 1), deadline=date(2020, 2, 1))
    assert "with 800 missing" in as_bob.page("/staff/").text
    goal.starts_on, goal.deadline = date(2090, 1, 1), date(2091, 1, 1)
    assert "The goal starts on January 1, 2090" in as_bob.page("/staff/").text


def test_confirmation_is_shown_by_mail_provider(as_bob):
    make_contact("a@gmail.com", topics={"research": "active"})
    make_contact("b@gmail.com", topics={"research": "pending"})
    make_contact("c@yahoo.com", topics={"research": "pending"})
    make_contact("d@harbor.example", topics={"research": "active"})
    make_contact("e@notgmail.com", topics={"research": "active"})
    make_contact("never@gmail.com")
    make_contact("old@gmail.com", topics={"research": "active"}, created_at=clock.now() - timedelta(days=31))
    found = {rate.provider: (rate.confirmed, rate.pending, rate.percent) for rate in providers.rates()}
    assert found == {"Gmail": (1, 1, 50), "Yahoo": (0, 1, 0), "Other domains": (2, 0, 100)}
    assert "Confirmed, by mail provider" in as_bob.page("/staff/").text


def test_rooms_add_panels_to_the_dashboard(as_bob, monkeypatch):
    monkeypatch.setattr(registries, "panels", registries.Registry())
    panel = registries.Panel("goals/standing.html", dict, "today", 1)
    assert panel.column == "today"
    page = as_bob.page("/staff/")
    assert page.text.count("<h1>") == 1


def test_the_menu_shows_what_a_role_may_open(as_alice, as_bob):
    assert "/staff/settings/" in as_alice.page("/staff/").text
    assert "/staff/settings/" not in as_bob.page("/staff/").text
    assert 'action="/staff/people/"' in as_bob.page("/staff/").text
