"""The briefing: all on one page, as far as the reader may know it."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.extensions import db
from crm.influencers import asks, interactions, notes
from crm.influencers.network import acquaintances
from crm.influencers.network.acquaintances import Knower
from crm.influencers.offices.models import CommitteeSeat
from crm.influencers.positions import stances
from tests import factories
from tests.questions import asked

DAY = clock.today("America/New_York")


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer(
        "Ada",
        "Adams",
        role="Representative",
        body="House",
        state="MI",
        district="8",
        owner_id=oscar.id,
    )
    for n in range(8):
        seat = {"code": f"HSED{n}", "name": f"Education and Workforce {n}", "role": "Member"}
        db.session.add(CommitteeSeat(influencer_id=one.id, **seat))
    db.session.commit()
    return one


def page(browser, influencer, ask=None, status=200):
    address = f"/staff/influencers/{influencer.id}/briefing" + (f"?ask={ask.id}" if ask else "")
    return browser.page(address, status=status).text


def test_it_tells_of_the_influencer_and_the_ask(as_oscar, ada, oscar):
    campaign = factories.make_campaign()
    stances.note(ada, campaign.id, "supporter", "", oscar, 0)
    acquaintances.add(ada.contact, Knower(user=oscar), {"strength": 5, "kind": "studied", "remark": ""}, oscar)
    for days in range(7):
        interactions.log(ada.contact, "call", DAY - timedelta(days=days), f"Talk number {days}.", oscar)
    interactions.log(ada.contact, "call", DAY + timedelta(days=3), "Not yet held.", oscar)
    later = factories.make_ask(ada, oscar, title="Sign the letter", due_on=DAY + timedelta(days=90))
    factories.make_ask(
        ada, oscar, title="Speak at the forum", due_on=DAY + timedelta(days=9), detail="She was a nurse.",
        talking_points="Nurses wait two years.\nMichigan lacks 8,000.", owner_id=oscar.id, campaign_id=campaign.id,
    )  # fmt: skip
    db.session.commit()
    words = page(as_oscar, ada)
    for said in (
        "Ada Adams", "Representative", "House, MI-8", "Owner: Oscar Organizer", "We ask: Speak at the forum", "Planned",
        "She was a nurse.", "Nurses wait two years.", "Licensing reform", "supporter", "and 2 more", "Talk number 4.",
        "<bdi>You</bdi> know", "very well (studied together)",
    ):  # fmt: skip
        assert said in words, said
    for left_out in ("Talk number 5.", "Not yet held.", "We ask: Sign the letter", "Education and Workforce 6"):
        assert left_out not in words, left_out
    assert "We ask: Sign the letter" in page(as_oscar, ada, later)


def test_talks_in_which_they_took_part_beside_somebody_else_are_told(as_oscar, ada, oscar):
    other = factories.make_influencer("Bert", "Brown")
    interactions.log(other.contact, "meeting", DAY, "The three of us.", oscar, participants="Ada Adams")
    db.session.commit()
    assert "The three of us." in page(as_oscar, ada)


def test_profile_and_ask_lead_to_it(as_oscar, ada, oscar):
    ask = factories.make_ask(ada, oscar)
    db.session.commit()
    assert f'href="/staff/influencers/{ada.id}/briefing"' in as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert f'href="/staff/influencers/{ada.id}/briefing?ask={ask.id}"' in as_oscar.page(f"/staff/asks/{ask.id}").text


def test_without_an_open_ask_it_says_so_and_one_that_is_over_is_shown_on_demand(as_oscar, ada, oscar):
    ask = factories.make_ask(ada, oscar)
    asks.advance(ask, "lapsed", oscar)
    db.session.commit()
    assert "No ask is open" in page(as_oscar, ada)
    assert "Lapsed" in page(as_oscar, ada, ask)
    page(as_oscar, ada, factories.make_ask(factories.make_influencer(), oscar), status=404)


def test_it_never_holds_what_the_reader_may_not_know(client_of, ada, nora, sam, oscar):
    interactions.log(ada.contact, "call", DAY, "Xyzzy said", nora, next_step="Xyzzy next", next_step_due=DAY)
    grant = factories.make_ask(ada, nora, title="Xyzzy grant", category="resources", talking_points="Xyzzy points")
    notes.write(ada, "Restricted xyzzy", nora, organization_id=nora.organization_id, admins_only=False)
    own = factories.make_influencer("Quill", "Xyzzyson", organization_id=nora.organization_id)
    known = Knower(contact=factories.make_contact(first_name="Xyzzy"))
    acquaintances.add(known.contact, Knower(user=nora), {"strength": 5, "kind": "other", "remark": ""}, nora)
    acquaintances.add(ada.contact, known, {"strength": 5, "kind": "other", "remark": ""}, nora)
    db.session.commit()
    for reader in (sam, oscar):
        browser = client_of(reader)
        assert "xyzzy" not in page(browser, ada).lower()
        page(browser, ada, grant, status=404)
    page(client_of(sam), own, status=404)
    words = page(client_of(nora), ada)
    for said in ("Xyzzy said", "Xyzzy next", "Xyzzy grant", "Xyzzy points", "who knows"):
        assert said in words, said
    assert "Restricted xyzzy" not in words


def test_it_takes_few_queries(as_oscar, ada, oscar):
    for number in range(6):
        factories.make_ask(ada, oscar, title=f"Ask {number}", owner_id=oscar.id)
        interactions.log(ada.contact, "call", DAY, "Spoke", oscar)
    db.session.commit()
    page(as_oscar, ada)  # Some queries are asked once in the life of a process.
    with asked() as questions:
        page(as_oscar, ada)
    assert len(questions) <= 15


def test_talking_points_are_kept_and_stand_in_the_history(as_oscar, ada, oscar):
    ask = factories.make_ask(ada, oscar, talking_points="Nurses wait.")
    db.session.commit()
    values = {"title": ask.title, "category": ask.category, "talking_points": "Doctors wait.", "version": ask.version}
    words = as_oscar.send(f"/staff/asks/{ask.id}/edit", values).text
    assert "Talking points: Nurses wait. → Doctors wait." in words
    stale = {**values, "talking_points": "Engineers wait.", "title": "Another title"}
    words = as_oscar.send(f"/staff/asks/{ask.id}/edit", stale, status=409).text
    assert "Talking points from “Nurses wait.” to “Doctors wait.”" in words and "Engineers wait." in words
