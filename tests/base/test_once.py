"""A form that is sent twice acts once."""

import re
import threading

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.goals.models import Goal
from crm.influencers.models import Ask, Interaction
from crm.mailings.models import Mailing
from tests.base.test_requests import GOAL
from tests.factories import make_influencer
from tests.mailings.test_staff import typed

NUMBER = re.compile(r'name="form_number" value="([0-9a-f]{24})"')
CALL = {"log-kind": "call", "log-held_on": "2026-10-01", "log-summary": "She will think about it."}
ASK = {"title": "Speak at the forum", "category": "visibility", "owner_id": "", "campaign_id": "", "unit": ""}


@pytest.fixture
def forms(app):
    """Where a form stands, where it goes, what is typed, and what it makes."""
    influencer = make_influencer().id
    db.session.commit()
    person = f"/staff/influencers/{influencer}"
    return {
        "goal": ("/staff/goals/new", "/staff/goals/new", GOAL, Goal),
        "mailing": ("/staff/mailings/new", "/staff/mailings/new", typed(then="review"), Mailing),
        "ask": (f"/staff/asks/new/{influencer}", f"/staff/asks/new/{influencer}", ASK, Ask),
        "interaction": (person, f"/staff/interactions/with/{influencer}", CALL, Interaction),
    }


def number(page) -> dict:
    return {"form_number": NUMBER.search(page.text)[1]}


def count(model) -> int:
    found = db.session.scalar(select(func.count()).select_from(model))
    db.session.rollback()
    return found


@pytest.mark.parametrize("name", ["goal", "mailing", "ask", "interaction"])
def test_a_form_that_is_sent_twice_is_saved_once_and_leads_to_the_same_place(as_alice, forms, name):
    place, target, words, model = forms[name]
    sent = {**words, **number(as_alice.page(place))}
    first = as_alice.post(target, data=sent)
    assert (first.status_code, count(model)) == (302, 1)
    again = as_alice.post(target, data=sent)
    assert (again.status_code, again.location, count(model)) == (302, first.location, 1)
    assert "came twice" in as_alice.page(again.location).text


def test_other_words_in_the_same_form_are_saved_too(as_alice, forms):
    place, target, words, model = forms["ask"]
    sent = {**words, **number(as_alice.page(place))}
    for title in ("Speak at the forum", "Write a letter"):
        as_alice.post(target, data={**sent, "title": title})
    assert count(model) == 2


def test_a_form_that_was_refused_may_be_sent_again(as_alice, forms):
    place, target, words, model = forms["ask"]
    sent = {**words, **number(as_alice.page(place))}
    as_alice.send(target, {**sent, "title": ""})
    as_alice.send(target, sent)
    assert count(model) == 1


def test_of_two_at_the_same_moment_one_saves(client_of, alice, forms):
    place, target, words, model = forms["ask"]
    browser = client_of(alice)
    sent = {**words, **number(browser.page(place))}
    codes = []
    clients = [client_of(alice), client_of(alice)]
    threads = [
        threading.Thread(target=lambda c=c: codes.append(c.post(target, data=sent).status_code)) for c in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes, count(model)) == ([302, 302], 1)
