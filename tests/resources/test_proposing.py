"""Organizations whose people read a resource are proposed: by those who agreed to be seen, and without their names."""

import secrets

import pytest
from sqlalchemy import update

from crm.base import sqlite_writing
from crm.contacts.click_consent.models import ClickConsent
from crm.extensions import db
from crm.organizations.models import Organization
from crm.resources import downloads, proposing
from crm.resources.models import ResourceProposal
from tests import factories
from tests.resources.makers import make_resource


@pytest.fixture
def one(app):
    return make_resource()


def reader(resource, organization, *, agreed=True):
    contact = factories.make_contact(organization_name=organization)
    if agreed:
        db.session.add(ClickConsent(contact_id=contact.id, key=secrets.token_hex(8)))
    downloads.by_contact(resource, contact, downloads.CONFIRMED, language="en", source_id=None)
    db.session.commit()
    return contact


def look():
    new = proposing.propose()
    db.session.commit()
    return new


def test_three_readers_of_one_organization_propose_it_once_and_without_a_name(one, as_oscar):
    people = [reader(one, "Harbor Health"), reader(one, "HARBOR  health"), reader(one, "Harbor Health", agreed=False)]
    assert look() == 0
    people.append(reader(one, "Harbor Health"))
    assert (look(), look()) == (1, 0)
    page = as_oscar.page("/staff/library/downloads/organizations").text
    assert "Harbor Health" in page and not [who for who in people if who.last_name in page or who.email in page]
    assert 'class="menu-waiting">1' in as_oscar.page("/staff/library/").text
    [row] = proposing.listed()
    as_oscar.send(f"/staff/library/downloads/organizations/{row.id}/accept")
    assert db.session.query(Organization).filter_by(name="Harbor Health").count() == 1
    assert "Somebody has decided" in as_oscar.send(f"/staff/library/downloads/organizations/{row.id}/accept").text


def test_one_that_was_dismissed_comes_back_for_new_readers_alone(one, as_oscar):
    for _ in range(3):
        reader(one, "Harbor Health")
    look()
    [row] = proposing.listed()
    as_oscar.send(f"/staff/library/downloads/organizations/{row.id}/dismiss")
    reader(one, "Harbor Health")
    assert look() == 0
    reader(one, "Harbor Health"), reader(one, "Harbor Health")
    assert look() == 1


def test_one_whose_readers_take_back_that_they_are_seen_goes(one, as_bob):
    people = [reader(one, "Harbor Health") for _ in range(3)]
    look()
    as_bob.page("/staff/library/downloads/organizations")
    db.session.delete(db.session.get(ClickConsent, people[0].id))
    db.session.commit()
    look()
    assert proposing.listed() == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_looking_for_readers_waits_for_nobody_who_writes(one, monkeypatch):
    for _ in range(3):
        reader(one, "Harbor Health")
    assert look() == 1
    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    with db.engine.begin():
        assert look() == 0


def test_what_staff_decide_while_readers_are_counted_stays(one, monkeypatch):
    for _ in range(3):
        reader(one, "Harbor Health")
    look()
    for _ in range(3):
        reader(one, "Harbor Health")
    count = proposing._readers

    def count_slowly():
        found = count()
        with db.engine.begin() as other:
            other.execute(update(ResourceProposal).values(state="accepted"))
        return found

    monkeypatch.setattr(proposing, "_readers", count_slowly)
    assert look() == 0
    assert [(row.state, row.readers) for row in proposing.listed()] == [("accepted", 3)]
