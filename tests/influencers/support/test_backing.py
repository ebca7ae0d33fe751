"""The support behind an ask, on the page of an influencer: how many, from where, and the people behind the number."""

import re

import pytest

from crm.accounts import permissions
from crm.base.registries import Support, Supporters, supports
from crm.contacts.constituents import counting
from crm.contacts.districts import replace
from crm.extensions import db
from tests import factories
from tests.mailings.makers import make_people


@pytest.fixture
def districts(app):
    replace([("48502", "MI", 8), ("48430", "MI", 7), ("48430", "MI", 8), ("99501", "AK", 0)])
    make_people(3, zip_code="48502")
    make_people(1, zip_code="48430")
    make_people(1, zip_code="99501")
    counting.count_all()


def section(browser, influencer):
    page = browser.page(f"/staff/influencers/{influencer.id}").text
    return page[page.index('id="support"') :].partition("</section>")[0]


def make(**values):
    influencer = factories.make_influencer("Ada", "Adams", **values)
    db.session.commit()
    return influencer


def test_a_representative_has_the_support_of_the_district(districts, as_bob):
    words = section(as_bob, make(state="MI", district="8"))
    assert "Confirmed constituents, MI-8" in words and "Of these 4, 1 may live in a neighboring district" in words
    assert '<canvas data-chart="bar"' in words and words.count("<tr>") == 13


def test_a_senator_has_that_of_the_state_and_an_at_large_seat_that_of_all_of_it(districts, as_bob):
    words = section(as_bob, make(state="MI"))
    assert "Confirmed constituents, MI<" in words and ">4</a>" in words and "neighboring" not in words
    assert "AK at large" in section(as_bob, make(state="AK", district="0"))


def test_the_number_opens_the_people_behind_it(districts, as_bob):
    words = section(as_bob, make(state="MI", district="8"))
    every, new = (link.replace("&amp;", "&") for link in re.findall(r'href="(/staff/people/[^"]+)"', words))
    assert "<strong>4</strong>" in as_bob.page(every).text
    assert "<strong>4</strong>" in as_bob.page(new).text and "confirmed_from=" in new


def test_who_may_not_see_people_sees_the_number_alone(districts, as_bob, monkeypatch):
    monkeypatch.setitem(permissions.PERMISSIONS, "viewer", permissions.VIEWER - {"contacts.see"})
    words = section(as_bob, make(state="MI", district="8"))
    assert "/staff/people/" not in words and ">4</span>" in words


def test_without_a_place_those_count_who_are_tagged_as_the_sector_is_named(districts, as_bob):
    tag = factories.make_tag("Employer")
    for person in make_people(2):
        person.tags.append(tag)
    db.session.commit()
    counting.count_all()
    words = section(as_bob, make(sector="employer"))
    assert "people tagged “Employer”" in words and ">2</a>" in words and "tag=Employer" in words
    assert "Nobody who gets mail from us has this tag." in section(as_bob, make(sector="funder"))
    assert "Nobody is counted" in section(as_bob, make())


def test_what_is_missing_is_said(app, as_bob):
    ada = make(state="MI", district="8")
    assert "are not counted yet" in section(as_bob, ada)
    counting.count_all()
    assert "crm import districts" in section(as_bob, ada)


def test_later_subjects_add_what_they_count(districts, as_bob, monkeypatch):
    def count(whom, months):
        return Supporters(12 if whom.key == "MI-8" else 0, [0] * 11 + [12], 0, counting.clock.now())

    letters = Support("Letters", count, lambda whom, since: f"/staff/{whom.key}", "contacts.see", "Sent by us.")
    monkeypatch.setitem(supports._entries, "letters", letters)
    words = section(as_bob, make(state="MI", district="8"))
    assert "Letters, MI-8" in words and 'href="/staff/MI-8"' in words and "Sent by us." in words
