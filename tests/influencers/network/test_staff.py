"""Pages of who knows whom: entered, edited, removed, and told in words."""

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.influencers.network import acquaintances
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import Acquaintance
from tests import factories

FACTS = {"strength": 4, "kind": "board", "last_contact_on": None, "remark": ""}


@pytest.fixture
def ada(app):
    one = factories.make_influencer("Ada", "Adams")
    db.session.commit()
    return one


@pytest.fixture
def maria(app):
    one = factories.make_contact("maria@chen.example", first_name="Maria", last_name="Chen")
    db.session.commit()
    return one


def address(influencer):
    return f"/staff/network/people/{influencer.contact_id}"


def typed(knower="me", **values):
    given = {"knower": knower, "strength": 4, "kind": "colleague", "contact": "", "remark": "Met in May", **values}
    return {f"know-{name}": value for name, value in given.items()}


def only():
    return db.session.scalars(select(Acquaintance)).one()


def test_staff_enter_that_they_know_somebody_themselves(as_oscar, ada, oscar):
    page = as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "No way is known" in page and "Nobody is on record who knows Ada Adams." in page
    page = as_oscar.send(address(ada), typed(last_contact_on="2026-05-03")).text
    assert "It is on record who knows Ada Adams." in page and "Best ways to" in page
    assert "(4 of 5, colleagues, last in touch May 3, 2026)" in page
    assert "Met in May" in page and "Entered by staff: Oscar Organizer" in page
    row = only()
    assert (row.knower_user_id, row.strength, row.state, row.entered_by_id) == (oscar.id, 4, "accepted", oscar.id)


def test_a_colleague_or_a_member_organization_may_know_somebody(as_oscar, ada, alice):
    north = factories.make_organization("North", is_member=True)
    as_oscar.send(address(ada), typed(f"user:{alice.id}", seen_by="own"))
    page = as_oscar.send(address(ada), typed(f"organization:{north.id}", seen_by="members")).text
    assert "<bdi>Alice Admin</bdi> knows" in page and "<bdi>North</bdi> knows" in page
    assert "seen by all members" in page


@pytest.mark.parametrize("words", ["maria@chen.example", "Maria CHEN", "chen"])
def test_a_contact_is_found_by_name_or_address(as_oscar, ada, maria, words):
    as_oscar.send(address(ada), typed("contact", contact=words))
    assert only().knower_contact_id == maria.id


def test_of_several_with_one_name_staff_choose(as_oscar, ada, maria):
    other = factories.make_contact(first_name="Maria", last_name="Chen", city="Lowell")
    db.session.commit()
    page = as_oscar.send(address(ada), typed("contact", contact="Maria Chen"), status=422).text
    assert "Several people have this name" in page and "Lowell" in page and "Met in May" in page
    as_oscar.send(address(ada), typed("contact", contact="Maria Chen", which=other.id))
    assert only().knower_contact_id == other.id


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"knower": "contact"}, "Give the name or the e-mail address"),
        ({"knower": "contact", "contact": "Nobody Here"}, "Nobody on record has this name or address"),
        ({"knower": "contact", "contact": "n@"}, "Nobody on record has this name or address"),
        ({"knower": "contact", "contact": "Ada Adams"}, "That is the same person"),
        ({"knower": "me", "contact": "Maria"}, "or leave this empty"),
        ({"knower": "user:99999"}, "Not a valid choice"),
        ({"strength": "6"}, "Not a valid choice"),
        ({"strength": ""}, "Say how well."),
        ({"kind": "enemy"}, "Not a valid choice"),
        ({"last_contact_on": "yesterday"}, "Give the date as year, month and day"),
        ({"last_contact_on": "0026-01-01"}, "Choose a year from 2000 to 2100."),
        ({"remark": "x" * 2001}, "Field cannot be longer than 2000 characters."),
    ],
)
def test_what_cannot_be_kept_is_shown_again_as_typed(as_oscar, ada, maria, values, message):
    page = as_oscar.send(address(ada), typed(**values), status=422).text
    assert message in page and values.get("remark", "Met in May") in page
    assert db.session.scalar(select(Acquaintance)) is None


def test_what_is_on_record_is_not_entered_twice_from_either_end(as_oscar, ada, maria):
    as_oscar.send(address(ada), typed("contact", contact="Maria Chen"))
    page = as_oscar.send(address(ada), typed("contact", contact="Maria Chen"), status=422).text
    assert "on record already" in page
    page = as_oscar.send(f"/staff/network/people/{maria.id}", typed("contact", contact="Ada Adams"), status=422).text
    assert "on record already" in page
    only()


def test_a_way_over_somebody_is_told_in_words(as_oscar, ada, maria, oscar):
    acquaintances.add(maria, Knower(user=oscar), {**FACTS, "kind": "friend"}, oscar)
    acquaintances.add(ada.contact, Knower(contact=maria), FACTS, oscar)
    db.session.commit()
    page = " ".join(as_oscar.page(f"/staff/influencers/{ada.id}").text.split())
    assert "<bdi>You</bdi> know <a" in page and "<bdi>Maria Chen</bdi></a> well" in page
    assert "(4 of 5, friends)</span>, who knows <a" in page and "(4 of 5, on a board together)</span>." in page
    assert "<bdi>Maria Chen</bdi></a> knows" in as_oscar.page(f"/staff/network/people/{maria.id}").text


def test_it_is_edited_and_removed(as_oscar, ada, oscar):
    row = acquaintances.add(ada.contact, Knower(user=oscar), FACTS, oscar)
    db.session.commit()
    number = row.id
    as_oscar.page(f"/staff/network/{number}/edit")
    values = {"strength": 2, "kind": "friend", "remark": "Sees her rarely", "version": row.version}
    assert "Sees her rarely" in as_oscar.send(f"/staff/network/{number}/edit", values).text
    assert (only().strength, only().kind) == (2, "friend")
    page = as_oscar.send(f"/staff/network/{number}/remove").text
    assert "Removed: Oscar Organizer knows Ada Adams." in page and "Sees her rarely" not in page
    assert db.session.scalar(select(Acquaintance)) is None


def test_of_two_editors_the_second_sees_what_the_first_changed(as_oscar, ada, oscar, alice, client_of):
    row = acquaintances.add(ada.contact, Knower(user=oscar), FACTS, oscar)
    db.session.commit()
    url, values = f"/staff/network/{row.id}/edit", {"strength": 4, "kind": "board", "version": row.version}
    client_of(alice).send(url, {**values, "strength": 5, "remark": ""})
    page = as_oscar.send(url, {**values, "remark": "Typed here"}, status=409).text
    assert "How well from “<bdi>4: well</bdi>” to “<bdi>5: very well</bdi>”" in page and "Typed here" in page
    assert (only().strength, only().remark) == (5, "")


def test_a_viewer_reads_and_changes_nothing(as_bob, ada, oscar):
    row = acquaintances.add(ada.contact, Knower(user=oscar), FACTS, oscar)
    db.session.commit()
    page = as_bob.page(f"/staff/influencers/{ada.id}").text
    assert "Oscar Organizer" in page and "Say who knows them" not in page
    assert as_bob.post(f"/staff/network/{row.id}/remove").status_code == 403


def test_what_a_member_shares_is_read_by_others_and_changed_by_none_of_them(client_of, ada, oscar):
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    row = acquaintances.add(ada.contact, Knower(user=nora), {**FACTS, "seen_by": "members"}, nora)
    db.session.commit()
    browser = client_of(oscar)
    page = browser.page(f"/staff/influencers/{ada.id}").text
    assert "Nora" in page and f"/staff/network/{row.id}/edit" not in page
    for what in ("edit", "remove", "accept", "dismiss"):
        assert browser.post(f"/staff/network/{row.id}/{what}", data={"strength": 1}).status_code == 404
    assert only().strength == 4
