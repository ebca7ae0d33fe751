"""Filters of the ledger under a name: one's own, shared with colleagues, opened and deleted."""

import html
import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.influencers.saved_filters.models import SavedFilter
from tests import factories

FILTER = "category=resources&state=made&overdue=1"
NEW = f"/staff/asks/filters/new?{FILTER}"


@pytest.fixture
def saved(as_oscar):
    as_oscar.send(NEW, {"name": "Late money", "shared": "y"})
    return db.session.scalars(select(SavedFilter)).one()


def test_a_filter_is_saved_from_the_ledger_and_opened_by_its_name(as_oscar):
    ask = factories.make_ask(title="Fund a study", category="resources", due_on=date(2020, 1, 1))
    factories.make_ask(title="Speak")
    ask.state = "made"
    db.session.commit()
    assert "filters/new?category=resources&amp;state=made&amp;overdue=1" in as_oscar.page(f"/staff/asks/?{FILTER}").text
    assert "Brings: Resources, State: Made, overdue" in as_oscar.page(NEW).text
    page = as_oscar.send(NEW, {"name": " Late money "}).text
    assert "The filter “Late money” is saved." in page and "Fund a study" in page and ">Speak<" not in page
    address = html.unescape(re.search(r'href="([^"]+)"[^>]*><bdi>Late money', as_oscar.page("/staff/asks/").text)[1])
    assert dict(parse_qsl(urlsplit(address).query)) == {"category": "resources", "state": "made", "overdue": "1"}


def test_what_is_shared_is_seen_by_colleagues_alone(saved, as_bob, client_of):
    assert "Late money" in as_bob.page("/staff/asks/").text
    other = factories.make_user("organizer")
    other.organization_id = factories.make_organization("North", is_member=True).id
    db.session.commit()
    browser = client_of(other)
    for page in ("/staff/asks/", "/staff/asks/filters/"):
        assert "Late money" not in browser.page(page).text
    browser.send(f"/staff/asks/filters/{saved.id}/delete", status=404)


def test_what_is_not_shared_is_seen_by_its_owner_alone(saved, as_oscar, as_alice):
    saved.shared = False
    db.session.commit()
    assert "Late money" in as_oscar.page("/staff/asks/").text
    assert "Late money" not in as_alice.page("/staff/asks/").text
    as_alice.send(f"/staff/asks/filters/{saved.id}/delete", status=404)


def test_a_shared_filter_is_deleted_by_its_owner_or_an_admin(saved, as_oscar, as_alice, as_bob):
    assert "Oscar Organizer" in as_bob.page("/staff/asks/filters/").text
    as_bob.send(f"/staff/asks/filters/{saved.id}/delete", status=404)
    page = as_alice.send(f"/staff/asks/filters/{saved.id}/delete").text
    assert "The filter “Late money” is deleted" in page and "No saved filters yet" in page
    as_oscar.send(NEW, {"name": "Late money"})
    again = db.session.scalars(select(SavedFilter)).one()
    as_oscar.send(f"/staff/asks/filters/{again.id}/delete")
    assert db.session.scalars(select(SavedFilter)).all() == []


def test_a_filter_without_a_name_or_with_a_taken_one_is_refused(saved, as_oscar, as_bob):
    assert "Give the filter a name." in as_oscar.send(NEW, {"name": " "}).text
    page = as_oscar.send(NEW, {"name": "late MONEY", "shared": "y"}).text
    assert "You have a filter of that name already" in page and 'value="late MONEY"' in page and "checked" in page
    assert "is saved" in as_bob.send(NEW, {"name": "Late money"}).text


def test_there_is_nothing_to_save_where_nothing_is_filtered(as_oscar):
    assert "Filter the ledger first" in as_oscar.page("/staff/asks/filters/new?sort=due").text


def test_a_filter_says_in_words_what_it_shows(as_oscar, oscar):
    campaign, payer = factories.make_campaign("Licensing"), factories.make_organization("Harbor")
    db.session.commit()
    query = f"q=forum&owner={oscar.id}&campaign={campaign.id}&payer={payer.id}&lobbying=none&bill=HR"
    page = as_oscar.page(f"/staff/asks/filters/new?{query}").text
    words = "Words: forum, Owner: Oscar Organizer, Campaign: Licensing, Lobbying: Not said, Paid by: Harbor, Bill: HR"
    assert words in page
    assert "Owner: Me, Campaign: unknown" in as_oscar.page("/staff/asks/filters/new?owner=me&campaign=x").text
