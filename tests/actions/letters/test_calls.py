"""Calls: the number and what to say stand on the page; a call counts once its caller says so and is proven."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.base.registries import metrics
from crm.influencers import asks
from tests import factories
from tests.actions.letters.makers import (
    MAYOR,
    PAGE,
    choices,
    mailed_to,
    make_action,
    make_target,
    outreach,
    send,
    ticked,
    write,
)
from tests.contacts.people import AMINA


@pytest.fixture
def calling(app):
    """A call to a mayor who has an address too, and to a board that has a form alone."""
    action = make_action("call")
    make_target(action, "Mayor", phone="(555) 010-0199", email=MAYOR)
    make_target(action, "Transit board", web_form="https://board.example/form")
    return action


def test_the_page_shows_the_number_and_what_to_say_and_offers_no_letter(calling, client):
    page = client.page(PAGE).text
    assert choices(page) == ["phone:t1", "form:t2"] and ticked(page) == []
    assert 'href="tel:5550100199"' in page and "Hello, keep bus 7." in page
    assert MAYOR not in page and "We send your letter by e-mail" not in page


def test_a_call_counts_once_however_often_it_is_told_and_no_office_gets_mail(calling, client):
    before = clock.now() - timedelta(minutes=1)
    assert send(client, did=["phone:t1"]).status_code == 303 and outreach() == []
    page = write(client, did=["phone:t1"])
    assert "you called" in page.text and "What is left to do" in page.text
    write(client, did=["phone:t1"])
    assert [(one.channel, one.target.name) for one in outreach()] == [("phone", "Mayor")]
    counted = {name: metrics[name].count(before, clock.now() + timedelta(minutes=1)) for name in ("calls", "letters")}
    assert counted == {"calls": 1, "letters": 0}
    client.send(page.request.path, {"did": "form:t2"})
    assert [one.channel for one in outreach()] == ["phone", "form"] and mailed_to() == {AMINA}


def test_nobody_is_asked_to_call_who_has_agreed(calling, client):
    ask = factories.make_ask()
    make_target(calling, "Clerk", phone="555 010 0100", ask_id=ask.id)
    assert "555 010 0100" in client.page(PAGE).text
    for state in ("made", "agreed"):
        asks.advance(ask, state, None)
    page = client.page(PAGE).text
    assert "555 010 0100" not in page and "(555) 010-0199" in page
