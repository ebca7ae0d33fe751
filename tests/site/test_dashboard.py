"""The staff dashboard."""

import html
import re
from datetime import date, timedelta

from crm.base import clock
from crm.contacts.models import Source, Topic
from crm.delivery import outbox
from crm.delivery.models import Delivery, Rest
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.site import providers
from tests import factories
from tests.factories import add, make_contact


def make_goal(**values):
    start = clock.today() - timedelta(weeks=4)
    dates = {"starts_on": start, "deadline": start + timedelta(weeks=40)}
    return factories.make_goal(**{"title": "Supporters by spring", **dates, **values})


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
    make_contact("old@gmail.com", topics={"research": "active"}, created_at=clock.now() - timedelta(days=32))
    found = {rate.provider: (rate.confirmed, rate.pending, rate.percent) for rate in providers.rates()}
    assert found == {"Gmail": (1, 1, 50), "Yahoo": (0, 1, 0), "Other domains": (2, 0, 100)}
    assert "Confirmed, by mail provider" in as_bob.page("/staff/").text


def test_the_menu_shows_what_a_role_may_open(as_alice, as_bob):
    assert "/staff/settings/" in as_alice.page("/staff/").text
    assert "/staff/settings/" not in as_bob.page("/staff/").text
    assert 'action="/staff/people/"' in as_bob.page("/staff/").text


def test_the_numbers_open_the_rows_behind_them(as_bob):
    make_goal()
    for name in ("a", "b"):
        make_contact(f"{name}@gmail.com", topics={"research": "active"})
    make_contact("c@gmail.com", topics={"research": "pending"})
    make_contact("d@harbor.example", topics={"research": "active"})
    page = as_bob.page("/staff/").text
    links = [html.unescape(link) for link in re.findall(r'href="(/staff/people/\?[^"]*)"', page)]
    found = {link: as_bob.page(link).text for link in links}
    opened = {link: sorted(set(re.findall(r"\b([a-d])@", text))) for link, text in found.items()}
    assert sorted(opened.values()) == [[], ["a", "b"], ["a", "b", "d"], ["c"], ["d"]]


def test_a_new_installation_shows_what_to_do_first(as_alice, as_bob):
    page = as_alice.page("/staff/").text
    assert "Get started" in page
    assert "Invite a colleague" in page
    assert "Get started" not in as_bob.page("/staff/").text


def test_the_first_steps_go_once_a_mailing_went_out(as_alice):
    topic = db.session.scalars(db.select(Topic)).first()
    add(Mailing(kind="newsletter", topic_id=topic.id, audience={}, state="finished", released_at=clock.now()))
    assert "Get started" not in as_alice.page("/staff/").text


def test_mail_that_waits_is_told(as_bob):
    message = outbox.write("Hello", "<p>Hello</p>", "Hello", sender="news@bridgeway.example")
    outbox.queue(message, "a@mail.example")
    assert "Mail waits." not in as_bob.page("/staff/").text
    db.session.execute(db.update(Delivery).values(next_attempt_at=clock.now() - timedelta(minutes=6)))
    page = as_bob.page("/staff/").text
    assert "1 mail has not gone out" in page
    assert "No worker seems to run" in page


def test_a_mail_server_that_is_away_is_told_with_what_it_said(as_bob):
    message = outbox.write("Hello", "<p>Hello</p>", "Hello", sender="news@bridgeway.example")
    outbox.queue(message, "a@mail.example")
    db.session.execute(db.update(Delivery).values(next_attempt_at=clock.now() - timedelta(seconds=6)))
    soon = clock.now() + timedelta(minutes=1)
    add(Rest(name="", failures=3, until=soon, reason="Connection refused", since=clock.now()))
    assert "Connection refused" in as_bob.page("/staff/").text


def test_a_large_mailing_on_its_way_is_no_alarm(as_bob):
    message = outbox.write("Hello", "<p>Hello</p>", "Hello", sender="news@bridgeway.example", kind="bulk")
    outbox.queue(message, "a@mail.example")
    outbox.queue(message, "b@mail.example")
    long_ago = clock.now() - timedelta(hours=1)
    db.session.execute(db.update(Delivery).values(next_attempt_at=long_ago))
    held = {"state": "in_flight", "owner": "w", "lease_until": clock.now() + timedelta(minutes=1)}
    db.session.execute(db.update(Delivery).where(Delivery.address == "a@mail.example").values(**held))
    assert "Mail waits." not in as_bob.page("/staff/").text
