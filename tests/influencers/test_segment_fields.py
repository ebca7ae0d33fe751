"""Segments by influencers and asks: they count what all members share, and tell nobody more than that."""

from datetime import timedelta

import pytest

from crm.base import clock
from crm.contacts import segments
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Ask
from crm.influencers.positions.models import Position
from tests import factories

CONDITIONS = [
    ("influencer", "yes", ""),
    ("influencer_stage", "is", "asked"),
    ("influencer_owner", "is", "OWNER"),
    ("influencer_sector", "is", "media"),
    ("influencer_position", "is", "champion"),
    ("influencer_position", "is", "champion:CAMPAIGN"),
    ("influence", "at_least", "4"),
    ("interest", "exactly", "5"),
    ("ask_open", "yes", ""),
    ("ask_category", "is", "visibility"),
    ("ask_state", "is", "made"),
    ("ask_due", "next_days", "14"),
    ("ask_due", "filled", ""),
]
# None of the two says so, or nobody does.
OTHERS = [
    ("influencer_stage", "is", "champion"),
    ("influencer_owner", "is", "none"),
    ("influencer_position", "is", "opponent"),
    ("influencer_position", "is", "champion:0"),
    ("influence", "at_least", "6"),
    ("ask_category", "is", "leverage"),
    ("ask_state", "is", "delivered"),
    ("ask_due", "last_days", "14"),
    ("ask_due", "this_month", ""),
]


def make(person, alice, campaign, **values):
    facts = {"stage": "asked", "owner_id": alice.id, "sector": "media", "influence": 5, "interest": 5}
    influencer = factories.make_influencer(contact=person, **facts, **values)
    factories.add(Position(influencer_id=influencer.id, campaign_id=campaign.id, stance="champion", version=1))
    ask(influencer)
    return influencer


def ask(influencer, seen_by="members", **values):
    due = clock.now().date() + timedelta(days=10)
    facts = {"title": "Speak", "category": "visibility", "state": "made", "due_on": due, **values}
    return factories.add(Ask(influencer_id=influencer.id, seen_by=seen_by, **facts))


@pytest.fixture
def world(app, alice):
    """Amina is an influencer of all, Bea one whom a member keeps for itself, Carol none."""
    people = [factories.make_contact(f"{name}@mail.example") for name in ("amina", "bea", "carol")]
    campaign, member = factories.make_campaign(), factories.make_organization("Harbor Clinic", is_member=True)
    make(people[0], alice, campaign)
    make(people[1], alice, campaign, organization_id=member.id)
    db.session.commit()
    return {"OWNER": str(alice.id), "CAMPAIGN": str(campaign.id), "member": member}


def found(condition, world, negate=False) -> str:
    field, test, value = condition
    for name in ("OWNER", "CAMPAIGN"):
        value = value.replace(name, world[name])
    item = {"field": field, "test": test, "value": value}
    ids = segments.select({"op": "and", "not": negate, "items": [item]})
    return "".join(sorted(e[0] for e in db.session.scalars(db.select(Contact.email).where(Contact.id.in_(ids)))))


@pytest.mark.parametrize("condition", CONDITIONS)
def test_whom_a_member_keeps_for_itself_is_no_influencer_to_any_segment(world, condition):
    assert found(condition, world) == "a"
    assert found(condition, world, negate=True) == "bc"


@pytest.mark.parametrize("condition", OTHERS)
def test_who_is_otherwise_is_not_found(world, condition):
    if condition[1] != "this_month":
        assert found(condition, world) == ""


def test_an_ask_that_only_its_own_staff_see_counts_for_no_segment(world):
    amina = db.session.scalar(db.select(Contact).where(Contact.email == "amina@mail.example"))
    db.session.query(Ask).update({"seen_by": "own"})
    for condition in CONDITIONS:
        expected = "" if condition[0].startswith("ask_") else "a"
        assert found(condition, world) == expected, (condition, amina.id)


def test_an_ask_that_is_over_is_not_open_and_not_due(world):
    db.session.query(Ask).update({"state": "delivered"})
    assert found(("ask_open", "no", ""), world) == "abc"
    assert found(("ask_due", "filled", ""), world) == ""
    assert found(("ask_state", "is", "delivered"), world) == "a"


def test_the_staff_of_another_member_learn_nothing_by_a_segment(world, client_of):
    other = factories.make_organization("Other member", is_member=True)
    eve = factories.make_user("organizer", organization_id=other.id)
    own = factories.make_user("organizer", organization_id=world["member"].id)
    db.session.commit()
    typed = {"g.kind": "group", "g.op": "and", "g.n": "1", "g.0.kind": "condition", "g.0.field": "influencer"}
    for user in (eve, own):
        page = client_of(user).send("/staff/segments/new", {**typed, "g.0.test": "yes", "name": "x", "do": "show"}).text
        assert "amina@mail.example" in page
        assert "bea@mail.example" not in page
        assert "whom one member keeps for itself counts as no influencer" in page
