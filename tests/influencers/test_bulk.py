"""Influencers are held out of bulk mail until somebody releases them."""

import pytest
from sqlalchemy import select

from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import bulk
from tests import factories


def test_a_segment_of_people_holds_its_influencers_with_owner(app, oscar):
    for _ in range(5):
        factories.make_contact()
    held = [factories.make_influencer(owner_id=oscar.id) for _ in range(3)]
    everybody = select(Contact.id)
    assert [(i.id, i.owner.name) for i in bulk.among(everybody)] == [(i.id, "Oscar Organizer") for i in held]
    left = db.session.scalars(everybody.where(Contact.id.not_in(bulk.held_ids()))).all()
    assert len(left) == 5

    bulk.release(held[0], oscar, "Asked for the newsletter")
    db.session.commit()
    assert set(db.session.scalars(bulk.held_ids())) == {held[1].contact_id, held[2].contact_id}
    assert (held[0].released_by_id, held[0].release_reason) == (oscar.id, "Asked for the newsletter")
    assert len(bulk.among(everybody)) == 3

    bulk.hold(held[0], oscar)
    assert len(db.session.scalars(bulk.held_ids()).all()) == 3


def test_a_release_needs_a_reason(app, oscar):
    with pytest.raises(ValueError, match="Say why"):
        bulk.release(factories.make_influencer(), oscar, " ")
