"""Giving many influencers an owner at once."""

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.influencers.models import Influencer, ProfileChange
from tests import factories


def owners():
    found = db.session.execute(select(Influencer.id, Influencer.owner_id, Influencer.backup_owner_id))
    return {number: (owner, backup) for number, owner, backup in found}


def test_those_ticked_get_the_owner_each_with_its_history(as_oscar, oscar, alice):
    ada, ben, cy = (factories.make_influencer(name, "Adams", owner_id=None) for name in ("Ada", "Ben", "Cy"))
    ben.backup_owner_id = oscar.id
    db.session.commit()
    page = as_oscar.send("/staff/influencers/owner?owner=none&q=Adams", {"id": [ada.id, ben.id], "owner_id": oscar.id})
    assert "Oscar Organizer owns 2 more of them now." in page.text
    assert "Cy Adams" in page.text and "Ada Adams" not in page.text  # The filter stands: owned by nobody.
    assert owners() == {ada.id: (oscar.id, None), ben.id: (oscar.id, None), cy.id: (None, None)}
    change = db.session.scalars(select(ProfileChange).where(ProfileChange.influencer_id == ada.id)).one()
    assert (change.user_id, change.changes) == (oscar.id, {"owner_id": [None, oscar.id]})
    again = as_oscar.send("/staff/influencers/owner", {"id": [ada.id, cy.id], "owner_id": oscar.id})
    assert "owns 1 more" in again.text


@pytest.mark.parametrize("owner_id", ["", "x", "99999999999999999999", "4711"])
def test_nobody_is_no_owner(as_oscar, oscar, owner_id):
    ada = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    db.session.commit()
    assert (
        "Choose who shall own them"
        in as_oscar.send("/staff/influencers/owner", {"id": ada.id, "owner_id": owner_id}).text
    )
    assert owners()[ada.id] == (oscar.id, None)


def test_who_only_reads_or_does_not_see_them_owns_none(as_alice, alice, bob):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", name="Sam", organization_id=south.id)
    own = factories.make_influencer("Una", "Quillson", organization_id=north.id)
    ada = factories.make_influencer("Ada", "Adams", owner_id=None)
    db.session.commit()
    told = as_alice.send("/staff/influencers/owner", {"id": [ada.id, own.id], "owner_id": sam.id}).text
    assert "Sam does not see Una Quillson" in told
    assert (
        "Choose who shall own them"
        in as_alice.send("/staff/influencers/owner", {"id": [ada.id], "owner_id": bob.id}).text
    )
    assert owners()[ada.id] == (None, None)


def test_a_member_gives_away_none_whom_it_does_not_see(client_of, app):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    sam = factories.make_user("organizer", name="Sam", organization_id=south.id)
    own = factories.make_influencer("Una", "Quillson", organization_id=north.id)
    before = own.owner_id
    db.session.commit()
    told = client_of(sam).send("/staff/influencers/owner", {"id": [own.id], "owner_id": sam.id}).text
    assert "owns 0 more" in told and "Quillson" not in told
    assert owners()[own.id][0] == before


def test_nobody_ticked_is_said(as_oscar, oscar):
    db.session.commit()
    factories.make_influencer("Ada", "Adams")
    db.session.commit()
    assert "Nobody is ticked" in as_oscar.send("/staff/influencers/owner", {"owner_id": oscar.id}).text
