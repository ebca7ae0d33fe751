"""Open asks to whom an office has ended: to the new holder, kept with the person, or lapsed; one or many."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.models import Ask
from crm.influencers.offices import holdings, passing_on
from crm.influencers.offices.models import AskHandover, Office
from tests import factories

URL = "/staff/influencers/offices/asks/"
DAY = clock.today("America/New_York")


@pytest.fixture
def office(app):
    return factories.add(Office(title="U.S. House, MI-5", imported_facts={}))


@pytest.fixture
def ada(office, oscar):
    """Who held the office until yesterday."""
    one = factories.make_influencer("Ada", "Adams")
    held = holdings.begin(office, one, oscar, since=date(2025, 1, 3), term_ends_on=None)
    values = {"owner_id": oscar.id, "bill": "H.R. 1", "due_on": DAY, "talking_points": "Wages"}
    factories.make_ask(one, oscar, title="Cosponsor the bill", **values)
    factories.make_ask(one, oscar, title="Visit the college")
    holdings.end(held, DAY - timedelta(days=1), "term", oscar)
    db.session.commit()
    return one


@pytest.fixture
def ben(office, ada, oscar):
    """Who holds it now."""
    one = factories.make_influencer("Ben", "Brook")
    holdings.begin(office, one, oscar, since=DAY, term_ends_on=None)
    db.session.commit()
    return one


def marks(user):
    return [one.mark for one in passing_on.find(user, limit=50)]


def ask(title, influencer):
    return db.session.scalar(select(Ask).where(Ask.title == title, Ask.influencer_id == influencer.id))


def test_they_are_listed_with_the_office_and_a_viewer_decides_nothing(as_oscar, as_bob, ada):
    page = as_oscar.page(URL).text
    assert "2 open asks were made" in page and "Ada Adams" in page and "Nobody yet" in page
    assert 'type="checkbox"' not in as_bob.page(URL).text
    assert "2 open asks to former holders wait" in as_oscar.page("/staff/influencers/offices/").text


def test_an_ask_goes_to_the_new_holder_as_a_new_one_and_both_lead_to_each_other(as_oscar, ada, ben, oscar):
    page = as_oscar.send(URL, {"marks": marks(oscar)[0], "decision": "successor"}).text
    assert "1 ask is handed over to the new holder." in page and "Visit the college" in page
    old, new = ask("Cosponsor the bill", ada), ask("Cosponsor the bill", ben)
    assert (old.state, new.state, new.bill, new.due_on, new.owner_id) == ("lapsed", "planned", "H.R. 1", DAY, oscar.id)
    assert new.talking_points == "Wages"
    assert old.history[-1].reason == "Handed over to the new holder of U.S. House, MI-5."
    text = as_oscar.page(f"/staff/asks/{old.id}").text
    assert "Handed over to" in text and f"/staff/asks/{new.id}" in text and "Ben Brook" in text
    text = as_oscar.page(f"/staff/asks/{new.id}").text
    assert f"/staff/asks/{old.id}" in text and "Handed over from who held U.S. House, MI-5 before." in text


def test_many_are_decided_at_once_and_twice_changes_nothing(as_oscar, ada, ben, oscar):
    both = marks(oscar)
    assert "2 asks are lapsed." in as_oscar.send(URL, {"marks": both, "decision": "lapsed", "reason": "Too late"}).text
    assert {one.state for one in ada.asks} == {"lapsed"}
    assert ada.asks[0].history[-1].reason == "Who held U.S. House, MI-5 left it. Too late"
    page = as_oscar.send(URL, {"marks": both, "decision": "successor"}, status=409).text
    assert "decided already" in page and "Nothing to hand over" in page
    assert len(ben.asks) == 0 and db.session.query(AskHandover).count() == 2


def test_an_ask_that_is_kept_stays_open_and_is_listed_no_more(as_oscar, ada, oscar):
    as_oscar.send(URL, {"marks": marks(oscar)[0], "decision": "kept", "reason": "Still a friend"})
    kept = ask("Cosponsor the bill", ada)
    assert kept.state == "planned" and "Kept with the person" in kept.history[-1].reason
    assert len(marks(oscar)) == 1


def test_what_cannot_be_done_is_told_and_waits_on(as_oscar, ada, oscar):
    first, second = marks(oscar)
    cases = [
        ({"decision": "kept"}, "Tick the asks that you decide about.", 422),
        ({"marks": first}, "Choose what becomes of them.", 422),
        ({"marks": "x-y", "decision": "kept"}, "decided already", 409),
        ({"marks": first, "decision": "successor"}, "Nobody holds U.S. House, MI-5 yet.", 409),
    ]
    for values, message, status in cases:
        assert message in as_oscar.send(URL, values, status=status).text
    asks.advance(ask("Cosponsor the bill", ada), "made", oscar)
    db.session.commit()
    page = as_oscar.send(URL, {"marks": [first, second], "decision": "kept"}, status=409).text
    assert "1 ask is kept with the person." in page and "Somebody changed one of the asks" in page
    assert len(marks(oscar)) == 1


def test_who_holds_the_office_again_is_whom_they_were_made_to(ada, office, oscar):
    assert len(marks(oscar)) == 2
    holdings.begin(office, ada, oscar, since=DAY, term_ends_on=None)
    assert marks(oscar) == []


@pytest.fixture
def members(app):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    return [factories.make_user("organizer", organization_id=home.id) for home in (north, south)]


def test_nobody_hands_over_what_they_do_not_see(client_of, ada, ben, members, oscar):
    nora, sam = members
    secret = factories.make_ask(ada, nora, title="Xyzzy grant", category="resources")
    secret.created_at = clock.now() - timedelta(days=9)
    db.session.commit()
    assert "Xyzzy" not in client_of(sam).page(URL).text
    mark = next(one.mark for one in passing_on.find(nora, limit=9) if one.ask.id == secret.id)
    client_of(sam).send(URL, {"marks": mark, "decision": "lapsed"}, status=409)
    client_of(nora).send(URL, {"marks": mark, "decision": "successor"})
    new = ask("Xyzzy grant", ben)
    assert (new.organization_id, new.seen_by) == (nora.organization_id, "own")
    for page in (f"/staff/influencers/{ben.id}", f"/staff/people/{ben.contact_id}", "/staff/asks/"):
        assert "Xyzzy" not in client_of(sam).page(page).text
    client_of(sam).page(f"/staff/asks/{new.id}", status=404)


def test_an_ask_to_a_members_own_influencer_is_not_shown_to_others_with_the_new_holder(client_of, ada, ben, members):
    nora, sam = members
    ada.organization_id = nora.organization_id
    mine = factories.make_ask(ada, nora, title="Xyzzy visit")
    mine.created_at = clock.now() - timedelta(days=9)
    db.session.commit()
    mark = next(one.mark for one in passing_on.find(nora, limit=9) if one.ask.id == mine.id)
    client_of(nora).send(URL, {"marks": mark, "decision": "successor"})
    new = ask("Xyzzy visit", ben)
    assert new.seen_by == "own"
    assert "Xyzzy" in client_of(nora).page(f"/staff/influencers/{ben.id}").text
    for page in (f"/staff/influencers/{ben.id}", f"/staff/people/{ben.contact_id}"):
        assert "Xyzzy" not in client_of(sam).page(page).text


def test_no_ask_goes_to_somebody_whom_another_member_keeps(client_of, as_oscar, ada, ben, members, oscar):
    nora, sam = members
    ben.organization_id = sam.organization_id
    db.session.commit()
    assert "Brook" not in client_of(nora).page(URL).text
    page = as_oscar.send(URL, {"marks": marks(oscar)[0], "decision": "successor"}, status=409).text
    assert "Another member keeps the new holder for itself." in page
    assert (
        "Nobody holds" in client_of(nora).send(URL, {"marks": marks(nora)[0], "decision": "successor"}, status=409).text
    )
