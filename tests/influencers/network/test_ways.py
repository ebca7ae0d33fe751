"""The best ways to an influencer: which are found, in which order, and through whom none leads."""

from datetime import date

import pytest
from sqlalchemy import delete

from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.extensions import db
from crm.influencers.network import acquaintances, ways
from crm.influencers.network.acquaintances import Knower
from crm.influencers.network.models import Acquaintance
from tests import factories


@pytest.fixture
def ada(app):
    one = factories.make_influencer("Ada", "Adams")
    db.session.commit()
    return one.contact


@pytest.fixture
def maria(app):
    return factories.make_contact(first_name="Maria", last_name="Chen")


@pytest.fixture
def ben(app):
    return factories.make_contact(first_name="Ben", last_name="Brown")


def know(contact, by=None, strength=3, last=None, kind="other", *, entered=None, **values):
    """Keep that a contact, user or organization knows the contact."""
    which = {"User": "user", "Contact": "contact", "Organization": "organization"}[type(by).__name__]
    facts = {"strength": strength, "kind": kind, "last_contact_on": last, "remark": "", **values}
    row = acquaintances.add(contact, Knower(**{which: by}), facts, entered)
    db.session.flush()
    return row


def told(contact, user=None):
    """Return each way as the names along it."""
    db.session.commit()
    found = ways.best(contact, user)
    return [" > ".join([way.steps[0].who, *(step.person.first_name for step in way.steps)]) for way in found]


def test_links_of_strength_5_3_and_1_come_in_that_order(ada, alice, oscar, bob):
    know(ada, oscar, 3)
    know(ada, bob, 1)
    know(ada, alice, 5)
    assert told(ada) == ["Alice Admin > Ada", "Oscar Organizer > Ada", "Bob Viewer > Ada"]


def test_of_equally_strong_links_the_latest_contact_comes_first(ada, alice, oscar, bob):
    know(ada, oscar, 3, date(2025, 1, 1))
    know(ada, bob, 3)
    know(ada, alice, 3, date(2026, 1, 1))
    assert told(ada) == ["Alice Admin > Ada", "Oscar Organizer > Ada", "Bob Viewer > Ada"]


def test_a_strong_way_of_three_steps_comes_before_a_weak_one_of_one_step(ada, maria, ben, oscar, alice):
    know(ada, alice, 3)
    know(maria, oscar, 4)
    know(ben, maria, 5)
    know(ada, ben, 4)
    assert told(ada) == ["Oscar Organizer > Maria > Ben > Ada", "Alice Admin > Ada"]


def test_of_equally_weak_ways_the_shorter_comes_first_then_the_greater_sum(ada, maria, ben, oscar, alice):
    know(maria, oscar, 2)
    know(ada, maria, 5)
    know(ben, alice, 2)
    know(ada, ben, 4)
    know(ada, alice, 2)
    assert told(ada) == ["Alice Admin > Ada", "Oscar Organizer > Maria > Ada", "Alice Admin > Ben > Ada"]


def test_acquaintances_between_contacts_hold_both_ways(ada, maria, oscar):
    know(maria, oscar, 4)
    know(maria, ada, 4)
    assert told(ada) == ["Oscar Organizer > Maria > Ada"]


def test_no_way_has_four_steps_or_visits_anybody_twice(ada, maria, ben, oscar):
    dora = factories.make_contact(first_name="Dora", last_name="Diaz")
    know(dora, oscar, 5)
    know(maria, dora, 5)
    know(ben, maria, 5)
    know(ada, ben, 5)
    assert told(ada) == []
    know(ada, oscar, 1)
    know(ada, maria, 1)
    assert told(ada) == ["Oscar Organizer > Ada", "Oscar Organizer > Dora > Maria > Ada"]


def test_a_way_may_begin_with_a_member_organization_but_with_no_other(ada):
    know(ada, factories.make_organization("North", is_member=True), 2)
    know(ada, factories.make_organization("The Paper"), 5)
    assert told(ada) == ["North > Ada"]


def test_nobody_who_has_left_the_staff_leads_anywhere(ada, oscar):
    know(ada, oscar, 5)
    oscar.active = False
    assert told(ada) == []


def test_no_way_leads_over_or_to_somebody_who_asked_to_be_erased(ada, maria, ben, oscar):
    know(maria, oscar, 5)
    know(ada, maria, 5)
    know(ben, oscar, 1)
    know(ada, ben, 1)
    suppression.suppress(maria.email, "erased")
    assert told(ada) == ["Oscar Organizer > Ben > Ada"]
    assert told(maria) == []


def test_with_the_contact_go_the_acquaintances(ada, maria, oscar):
    row = know(ada, maria, 5)
    know(maria, oscar, 5)
    db.session.commit()
    number = row.id
    db.session.execute(delete(Contact).where(Contact.id == maria.id))
    db.session.commit()
    db.session.expire_all()
    assert db.session.get(Acquaintance, number) is None
    assert told(ada) == []


def test_the_users_own_best_way_is_told_even_where_others_have_better_ones(ada, oscar):
    for number in range(6):
        know(ada, factories.make_user(name=f"Colleague {number}"), 5)
    know(ada, oscar, 1)
    assert len(told(ada)) == 5
    found = told(ada, oscar)
    assert len(found) == 6 and found[-1] == "You > Ada"


def test_what_another_member_keeps_to_itself_leads_nowhere_until_it_is_shared(ada, maria, oscar):
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    row = know(maria, nora, 5, entered=nora)
    know(ada, maria, 5, seen_by="members")
    assert told(ada, oscar) == []
    assert told(ada, nora) == ["You > Maria > Ada"]
    row.seen_by = "members"
    assert told(ada, oscar) == ["Nora > Maria > Ada"]


def test_what_two_organizations_entered_is_one_way(ada, maria, alice):
    nora = factories.make_user("organizer", organization_id=factories.make_organization("North", is_member=True).id)
    for entered in (alice, nora):
        know(maria, alice, 5, entered=entered, seen_by="members")
        know(ada, maria, 5, entered=entered, seen_by="members")
    assert told(ada) == ["Alice Admin > Maria > Ada"]
