"""What is proposed counts for nothing until staff accept it, and what they dismiss stays away."""

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.models import Influencer
from crm.influencers.network import acquaintances, proposals, ways
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import Acquaintance, InfluencerProposal
from tests import factories

LIST = "/staff/network/proposed"


@pytest.fixture
def maria(app):
    one = factories.make_contact(first_name="Maria", last_name="Chen", organization_name="Harbor Clinic")
    db.session.commit()
    return one


@pytest.fixture
def ada(app):
    one = factories.make_influencer("Ada", "Adams")
    db.session.commit()
    return one.contact


def propose(contact, key="paper:7", **values):
    new = proposals.propose(contact, source="Library", source_key=key, why="Read the report thrice", **values)
    db.session.commit()
    return new


def propose_known(contact, knower, key="answer:1", **values):
    new = proposals.propose_acquaintance(contact, knower, source="Sign-up", source_key=key, **values)
    db.session.commit()
    return new


def only(model):
    return db.session.scalars(select(model)).one()


def test_nothing_proposed_says_what_to_do(as_oscar):
    assert "Nothing is proposed" in as_oscar.page(LIST).text


def test_a_proposed_influencer_is_accepted(as_oscar, maria, oscar):
    assert propose(maria)
    page = as_oscar.page(LIST).text
    for words in ("Maria Chen", "Harbor Clinic", "Read the report thrice", "Library"):
        assert words in page
    page = as_oscar.send(f"{LIST}/{only(InfluencerProposal).id}/accept").text
    assert "Maria Chen is an influencer now." in page and "Library: Read the report thrice" in page
    made = only(Influencer)
    assert (made.contact_id, made.owner_id, made.stage) == (maria.id, oscar.id, "identified")
    assert "Nothing is proposed" in as_oscar.page(LIST).text


def test_the_same_source_proposes_nobody_twice_not_even_after_a_dismissal(as_oscar, maria):
    assert propose(maria)
    assert not propose(maria)
    assert "Maria Chen is off the list." in as_oscar.send(f"{LIST}/{only(InfluencerProposal).id}/dismiss").text
    assert not propose(maria)
    assert "Maria Chen" not in as_oscar.page(LIST).text
    assert propose(maria, "paper:8")
    assert "Maria Chen" in as_oscar.page(LIST).text
    assert db.session.scalar(select(func.count(Influencer.id))) == 0


def test_who_is_an_influencer_is_not_proposed(ada):
    assert not propose(ada)


def test_what_was_decided_is_not_decided_again(as_oscar, client_of, alice, maria):
    propose(maria)
    number = only(InfluencerProposal).id
    client_of(alice).send(f"{LIST}/{number}/dismiss")
    page = as_oscar.send(f"{LIST}/{number}/accept").text
    assert "This was dismissed already by Alice Admin." in page
    assert profiles.of(maria) is None


def test_a_proposed_acquaintance_counts_once_it_is_accepted(as_oscar, ada, maria, oscar):
    acquaintances.add(maria, Knower(user=oscar), {"strength": 5, "kind": "friend"}, oscar)
    assert propose_known(ada, Knower(contact=maria), strength=4, kind="neighbor")
    assert not propose_known(ada, Knower(contact=maria))
    assert ways.best(ada, None) == []
    page = as_oscar.page(LIST).text
    assert "Maria Chen" in page and "well (4 of 5, neighbors)" in page
    page = as_oscar.send(f"/staff/network/{_proposed().id}/accept").text
    assert "Accepted: Maria Chen knows Ada Adams." in page
    assert [way.strength for way in ways.best(ada, None)] == [4]
    assert "This was accepted already." in as_oscar.send(f"/staff/network/{_number(ada)}/dismiss").text


def test_a_dismissed_acquaintance_does_not_come_back_from_its_source(as_oscar, ada, maria):
    assert propose_known(ada, Knower(contact=maria))
    as_oscar.send(f"/staff/network/{_proposed().id}/dismiss")
    assert not propose_known(ada, Knower(contact=maria))
    assert "Maria Chen" not in as_oscar.page(LIST).text
    assert acquaintances.of(ada, None).of_contact == []


def test_staff_who_enter_what_was_proposed_accept_it(ada, maria, oscar):
    propose_known(ada, Knower(contact=maria))
    acquaintances.add(ada, Knower(contact=maria), {"strength": 2, "kind": "client"}, oscar)
    db.session.commit()
    row = only(Acquaintance)
    assert (row.state, row.strength, row.source) == ("accepted", 2, "Sign-up")
    assert not propose_known(ada, Knower(contact=maria), "answer:2")


def test_proposals_for_one_member_are_seen_by_it_and_the_coalition(client_of, ada, maria, oscar):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    nora, sam = (factories.make_user("organizer", organization_id=one.id) for one in (north, south))
    propose(maria, organization_id=north.id)
    propose_known(ada, Knower(contact=maria), remark="Hidden words", organization_id=north.id)
    number = only(InfluencerProposal).id
    assert "Maria Chen" not in client_of(sam).page(LIST).text
    assert client_of(sam).post(f"{LIST}/{number}/accept").status_code == 404
    assert "Hidden words" in client_of(nora).page(LIST).text
    page = client_of(oscar).page(LIST).text
    assert "Maria Chen" in page and "for North" in page and "Hidden words" not in page
    client_of(nora).send(f"{LIST}/{number}/accept")
    assert only_of(maria).organization_id == north.id


def test_a_viewer_sees_the_list_and_decides_nothing(as_bob, maria):
    propose(maria)
    page = as_bob.page(LIST).text
    assert "Maria Chen" in page and "Dismiss" not in page
    assert as_bob.post(f"{LIST}/{only(InfluencerProposal).id}/accept").status_code == 403


def only_of(contact):
    return db.session.scalars(select(Influencer).where(Influencer.contact_id == contact.id)).one()


def _proposed():
    return db.session.scalars(select(Acquaintance).where(Acquaintance.state == "proposed")).one()


def _number(contact):
    return db.session.scalar(select(Acquaintance.id).where(Acquaintance.contact_id == contact.id))


def test_who_is_proposed_twice_is_decided_on_once(as_oscar, maria):
    assert propose(maria) and propose(maria, "paper:9") and not propose(maria, "paper:9")
    assert as_oscar.page(LIST).text.count("Maria Chen</bdi>") == 2
    number = db.session.scalar(select(func.min(InfluencerProposal.id)))
    assert "Maria Chen is an influencer now." in as_oscar.send(f"{LIST}/{number}/accept").text
    assert "Nothing is proposed" in as_oscar.page(LIST).text
    assert set(db.session.scalars(select(InfluencerProposal.state))) == {"accepted"}
    assert not propose(maria, "paper:11")


def test_who_became_an_influencer_in_another_way_is_proposed_no_more(as_oscar, maria, oscar):
    propose(maria)
    profiles.add(maria, {}, oscar)
    db.session.commit()
    assert "Nothing is proposed" in as_oscar.page(LIST).text
