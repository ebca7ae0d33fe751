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


def test_whoever_owns_an_influencer_releases_it(app, as_oscar, oscar, alice, client_of):
    north = factories.make_organization("North", is_member=True)
    others = factories.make_user("admin", organization_id=north.id)
    hers = factories.make_influencer("Ada", "Adams", owner_id=alice.id)
    spare = factories.make_influencer(owner_id=alice.id, backup_owner_id=oscar.id)
    own = factories.make_influencer(owner_id=alice.id, organization_id=north.id)
    nobodys = factories.make_influencer()
    db.session.commit()
    assert [bulk.may_release(one, oscar) for one in (hers, spare, nobodys)] == [False, True, True]
    assert [bulk.may_release(one, others) for one in (hers, own)] == [False, True]
    assert bulk.may_release(hers, alice)
    page = as_oscar.page(f"/staff/influencers/{hers.id}").text
    assert "Alice Admin may release them, as the owner." in page and "Release for bulk mail" not in page
    as_oscar.send(f"/staff/influencers/{hers.id}/release", {"release-reason": "I wish so"}, status=403)
    client_of(alice).send(f"/staff/influencers/{hers.id}/release", {"release-reason": "She asked"})
    db.session.refresh(hers)
    assert hers.release_reason == "She asked"
