"""Counting an audience while it is chosen, and choosing it in the composer."""

import re

import pytest

from crm.delivery import suppression
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.choosing import people as named
from crm.mailings.choosing import wanted
from crm.mailings.models import Mailing
from tests import factories
from tests.mailings.capping.makers import make_cap, release, sent_before
from tests.mailings.makers import make_mailing, make_people, make_segment, topic_id
from tests.mailings.test_staff import only, typed

COUNT = "/staff/mailings/audience/count"


def chosen(**values):
    return {"kind": "newsletter", "topic_id": topic_id(), "people": "topic", **values}


def part(browser, **values) -> str:
    """The part that htmx asks for, as plain words."""
    answer = browser.post(COUNT, data=chosen(**values), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return " ".join(re.sub("<[^>]*>", " ", answer.text).split())


def test_it_counts_what_is_chosen_and_shows_some_and_why(as_oscar):
    make_people(7, state="OH")
    make_people(2)
    segment = make_segment("Ohio", state="OH")
    words = part(as_oscar, segments=[segment.id])
    assert words.startswith("7 people get it")
    assert words.count("Action alerts, Ohio") == 5
    assert part(as_oscar).startswith("9 people get it")
    assert db.session.query(Mailing).count() == 0


def test_blocked_held_and_capped_are_told_apart(as_oscar):
    blocked, capped, held, one = make_people(4)
    suppression.suppress(blocked.email, "hard_bounce")
    factories.make_influencer(contact=held, first_name="x")
    sent_before(capped)
    make_cap()
    words = part(as_oscar, kind="call_to_action")
    assert words.startswith("1 person gets it")
    assert "address is blocked 1" in words
    assert f"Influencers held out of this kind 1 {held.name}" in words
    assert "Left out by the frequency cap, at most 1 mailing in 7 days 1" in words
    assert capped.email in words
    assert one.email in words


def test_an_exception_of_the_saved_mailing_is_counted(as_oscar):
    person = make_people(1)[0]
    sent_before(person)
    make_cap()
    mailing = make_mailing()
    assert part(as_oscar, mailing_id=mailing.id).startswith("0 people get it")
    as_oscar.send(f"/staff/mailings/{mailing.id}/to-all", {"reason": "Urgent"})
    assert part(as_oscar, mailing_id=mailing.id).startswith("1 person gets it")


def test_without_scripts_it_is_a_page_of_its_own(as_oscar):
    make_people(3)
    page = as_oscar.send(COUNT, chosen()).text
    assert "People with an active subscription to Action alerts" in page
    assert "people get it" in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"people": "topics"}, "Choose at least one topic."),
        ({"people": "everybody"}, "Not a valid choice"),
        ({"segments": ["999"]}, "A segment of this mailing was deleted"),
        ({"segments": ["x"]}, "Invalid choice"),
        ({"segments": ["9" * 30]}, "Invalid choice"),
        ({"without_mailings": ["", "0"]}, "Invalid choice"),
        ({"topic_id": "9" * 30}, "Invalid Choice"),
        ({"without_people": "nobody@mail.example"}, "Nobody on record has the address “nobody@mail.example”"),
        ({"without_people": "<script>alert(1)</script>"}, "Nobody on record"),
        ({"without_people": "x " * 20 + "y" * 60_000}, "Name at most 500 people"),
        ({"kind": "carrier_pigeon"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_counted_is_said(as_oscar, values, words):
    make_people(1)
    assert words in part(as_oscar, **values)


def test_nobody_at_all_is_said_with_the_reason(as_oscar):
    assert "Nobody in this audience has agreed to it" in part(as_oscar)
    ohio = make_segment("Ohio", state="OH")
    assert "Nobody is in the segment Ohio. Choose other people" in part(as_oscar, segments=[ohio.id])
    factories.make_contact("nobody-asked@mail.example", state="OH")
    assert "Nobody in this audience has agreed to it" in part(as_oscar, segments=[ohio.id])
    person = make_people(1)[0]
    suppression.suppress(person.email, "hard_bounce")
    assert "addresses of all who would are blocked" in part(as_oscar)


def test_viewers_do_not_count(as_bob):
    assert as_bob.post(COUNT, data=chosen()).status_code == 403


def test_the_composer_keeps_several_of_each_and_shows_them_again(as_oscar):
    amina, bea = make_people(2)
    segment, other = make_segment("Ohio", state="OH"), make_segment("Kentucky", state="KY")
    before = release(make_mailing(subject="Earlier"))
    values = {
        "people": "topics",
        "topics": [topic_id(), topic_id("research")],
        "topics_match": "all",
        "segments": [segment.id],
        "without_segments": [other.id],
        "without_mailings": [before.id],
        "without_people": f"{amina.email.upper()},\n{bea.email}\n",
    }
    as_oscar.send("/staff/mailings/new", typed(**values))
    mailing = db.session.query(Mailing).order_by(Mailing.id.desc()).first()
    it = wanted.of(mailing)
    assert (it.people, it.topics, it.topics_match) == ("topics", values["topics"], "all")
    assert (it.segments, it.without_segments, it.without_mailings) == ([segment.id], [other.id], [before.id])
    assert it.without_people == [amina.id, bea.id]
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/edit").text
    assert f"{amina.email}\n{bea.email}" in page
    assert "Earlier, " in page
    assert re.search(rf'checked[^>]*name="segments"[^>]*value="{segment.id}"', page)


def test_who_is_no_longer_on_record_is_named_and_the_draft_stays_as_typed(as_oscar):
    page = as_oscar.send("/staff/mailings/new", typed(without_people="typo@mail.exmaple", body="Long thoughts")).text
    assert "Nobody on record has the address “typo@mail.exmaple”" in page
    assert "Long thoughts" in page
    assert "typo@mail.exmaple</textarea>" in page
    assert db.session.query(Mailing).count() == 0


def test_saving_a_draft_again_keeps_a_deleted_segment_until_it_is_taken_out(as_oscar):
    make_people(1)
    segment = make_segment("Ohio", state="OH")
    mailing = make_mailing(audience={"people": "topic", "segment": segment.id})
    db.session.delete(segment)
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/edit").text
    assert "(deleted)" in page
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(segments=[mailing.audience["segment"]]))
    assert "was deleted" in audience.reach(only()).gone
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(version=2))
    assert audience.reach(only()).recipients == 1


def test_people_are_named_by_address_also_one_given_up_or_by_number(app):
    amina, bare = factories.make_contact("amina@mail.example"), factories.make_contact()
    bare.email = None
    db.session.commit()
    found = named.read(f"Amina@Mail.example; #{bare.id} amina@mail.example #12345678901 <x>")
    assert found.ids == [amina.id, bare.id]
    assert found.unknown == ["#12345678901", "<x>"]
    assert set(named.read(named.write(found.ids)).ids) == set(found.ids)
