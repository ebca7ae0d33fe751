"""Handing over what somebody has in hand, all of it in one step, and nothing that the receiver may not see."""

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers import interactions, notes, today
from crm.influencers.models import Ask, Influencer, Interaction, ProfileChange, RestrictedNote
from crm.influencers.saved_filters import saving
from crm.influencers.saved_filters.models import SavedFilter
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task
from tests import factories

DAY = clock.today("America/New_York")


@pytest.fixture
def olga(app):
    user = factories.make_user("organizer", name="Olga Organizer", email="olga@bridgeway.example")
    db.session.commit()
    return user


@pytest.fixture
def work(oscar, olga):
    """What Oscar has in hand."""
    ada = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    ben = factories.make_influencer("Ben", "Brook", backup_owner_id=oscar.id)
    factories.make_influencer("Cy", "Cole", owner_id=oscar.id, backup_owner_id=olga.id)
    factories.make_ask(ada, oscar, title="Speak", owner_id=oscar.id)
    factories.make_ask(ada, oscar, title="Done", owner_id=oscar.id).state = "delivered"
    interactions.log(ben.contact, "call", DAY, "Call", oscar, next_step="Write", next_step_due=DAY)
    notes.write(ada, "A note", oscar, organization_id=None, admins_only=False)
    tracking.make(ada, {"title": "Send the paper", "due_on": DAY, "assignee_id": oscar.id}, oscar)
    saving.save(oscar, "Mine", {"state": "open"}, shared=True)
    saving.save(olga, "mine", {"state": "made"}, shared=False)
    db.session.commit()
    return ada, ben


def url(user):
    return f"/staff/users/{user.id}/hand-over"


def one(model, *where):
    return db.session.scalars(select(model).where(*where)).one()


def test_the_page_counts_what_somebody_has_in_hand(as_alice, oscar, olga, work):
    assert "Hand over" in as_alice.page("/staff/users/").text
    page = " ".join(as_alice.page(url(oscar)).text.split())
    for label, number in (
        ("Open asks", 1),
        ("Influencers", 2),
        ("Influencers as backup owner", 1),
        ("Open next steps", 1),
        ("Open tasks", 1),
        ("Restricted notes", 1),
        ("Saved filters", 1),
    ):
        assert f"<dt>{label}</dt><dd>{number}</dd>" in page
    factories.make_user("viewer")
    assert "nothing in hand" in as_alice.page(url(factories.make_user("viewer"))).text


def test_all_of_it_moves_each_with_its_history(as_alice, alice, oscar, olga, work):
    ada, ben = work
    page = as_alice.send(url(oscar), {"receiver": olga.id}).text
    assert "Handed over to Olga Organizer: Open asks 1, Influencers 2," in page and "nothing in hand" in page
    ask = one(Ask, Ask.title == "Speak")
    last = ask.history[-1]
    assert (ask.owner_id, last.user_id, last.changes) == (olga.id, alice.id, {"owner_id": [oscar.id, olga.id]})
    assert (last.reason, last.version, ask.version) == ("Handed over by Oscar Organizer", 2, 2)
    assert one(Ask, Ask.title == "Done").owner_id == oscar.id
    owners = {i.name: (i.owner_id, i.backup_owner_id) for i in db.session.scalars(select(Influencer))}
    assert owners == {"Ada Adams": (olga.id, None), "Ben Brook": (None, olga.id), "Cy Cole": (olga.id, None)}
    change = one(ProfileChange, ProfileChange.influencer_id == ada.id)
    assert (change.user_id, change.changes, change.version) == (alice.id, {"owner_id": [oscar.id, olga.id]}, 2)
    step = one(Interaction)
    assert (step.user_id, step.next_step_user_id) == (oscar.id, olga.id)
    assert [due.title for due in today.due(DAY, olga.id, user=olga)] == ["Write", "Send the paper"]
    assert today.due(DAY, oscar.id, user=oscar) == []
    assert one(RestrictedNote).user_id == olga.id
    names = {(saved.name, saved.user_id) for saved in db.session.scalars(select(SavedFilter))}
    assert names == {("mine", olga.id), ("Mine (Oscar Organizer)", olga.id)}
    assert one(AuditEntry, AuditEntry.verb == "hand_over", AuditEntry.thing == "user").actor == alice.email
    assert (
        "Next step handed over from Oscar Organizer to Olga Organizer"
        in as_alice.page(f"/staff/people/{ben.contact_id}").text
    )


def test_the_receiver_gets_one_letter(as_alice, alice, oscar, olga, work, sink, deliver):
    as_alice.send(url(oscar), {"receiver": olga.id})
    deliver()
    letter = sink[olga.email]
    assert letter.subject == "Oscar Organizer’s work is yours now"
    for part in (letter.text, letter.html):
        assert "Alice Admin handed over to you what Oscar Organizer had in hand" in part
        assert "Influencers: 2" in part and "http://crm.example/staff/" in part
        assert "Adams" not in part and "Speak" not in part
    assert len(sink.mails) == 1


def test_closing_an_account_says_that_work_waits(as_alice, oscar, olga, work):
    assert "What is in hand waits to be handed over." in as_alice.send(f"/staff/users/{oscar.id}/close").text
    assert "Handed over to" in as_alice.send(url(oscar), {"receiver": factories.make_user("organizer").id}).text


def test_nothing_moves_twice_or_to_somebody_who_left(as_alice, oscar, olga, work):
    closed = factories.make_user("organizer", active=False)
    db.session.commit()
    for receiver in ("", "x", closed.id, oscar.id):
        as_alice.send(url(oscar), {"receiver": receiver}, status=422)
    as_alice.send(url(oscar), {"receiver": olga.id})
    page = as_alice.send(url(oscar), {"receiver": olga.id}, status=422).text
    assert "Nothing was handed over" in page
    assert db.session.query(Delivery).count() == 1


def test_only_the_coalitions_admins_hand_over(as_oscar, client_of, oscar, olga):
    factories.make_influencer("Ada", "Adams", owner_id=olga.id)
    home = factories.make_organization(is_member=True)
    for browser in (as_oscar, client_of(factories.make_user("admin", organization_id=home.id))):
        assert browser.get(url(olga)).status_code == 403
        assert browser.post(url(olga), data={"receiver": oscar.id}).status_code == 403
    assert one(Influencer).owner_id == olga.id


@pytest.fixture
def north(app):
    return factories.make_organization("North", is_member=True)


def test_what_the_receiver_may_not_see_stays(as_alice, client_of, olga, north):
    nora = factories.make_user("organizer", name="Nora", organization_id=north.id)
    nils = factories.make_user("organizer", name="Nils", organization_id=north.id)
    sam = factories.make_user("organizer", organization_id=factories.make_organization("South", is_member=True).id)
    own = factories.make_influencer("Xyzzy", "Own", owner_id=nora.id, organization_id=north.id)
    ada = factories.make_influencer("Ada", "Adams", owner_id=nora.id)
    factories.make_ask(ada, nora, title="Xyzzy grant", category="resources", owner_id=nora.id)
    factories.make_ask(own, nora, title="Xyzzy visit", owner_id=nora.id)
    interactions.log(ada.contact, "call", DAY, "Xyzzy", nora, next_step="Xyzzy next", next_step_due=DAY)
    notes.write(ada, "Xyzzy note", nora, organization_id=north.id, admins_only=False)
    tracking.make(ada, {"title": "Xyzzy task", "due_on": DAY, "assignee_id": nora.id}, nora)
    db.session.commit()
    page = as_alice.send(url(nora), {"receiver": sam.id}).text
    assert "Influencers 1" in page and "Open asks" in page
    assert {ask.owner_id for ask in db.session.scalars(select(Ask))} == {nora.id}
    assert (db.session.get(Influencer, own.id).owner_id, db.session.get(Influencer, ada.id).owner_id) == (
        nora.id,
        sam.id,
    )
    assert one(RestrictedNote).user_id == nora.id and one(Interaction).next_step_user_id is None
    assert one(Task).assignee_id == nora.id
    for place in (
        "/staff/?whose=all",
        "/staff/asks/",
        f"/staff/influencers/{ada.id}",
        f"/staff/people/{ada.contact_id}",
    ):
        assert "xyzzy" not in client_of(sam).page(place).text.lower(), place
    # The coalition's own staff see the influencer, and the visit; what the member keeps apart stays with it.
    as_alice.send(url(nora), {"receiver": olga.id})
    assert db.session.get(Influencer, own.id).owner_id == olga.id
    assert one(Ask, Ask.title == "Xyzzy visit").owner_id == olga.id
    assert one(Ask, Ask.title == "Xyzzy grant").owner_id == one(Task).assignee_id == nora.id
    as_alice.send(url(nora), {"receiver": nils.id})
    assert one(Ask, Ask.title == "Xyzzy grant").owner_id == nils.id
    assert one(RestrictedNote).user_id == one(Task).assignee_id == nils.id
    assert one(Interaction).next_step_user_id == nils.id


def test_whoever_only_reads_gets_no_next_steps_or_tasks(as_alice, oscar, olga, work):
    viewer = factories.make_user("viewer")
    db.session.commit()
    page = as_alice.send(url(oscar), {"receiver": viewer.id}).text
    assert "<dt>Open next steps</dt><dd>1</dd>" in page and "<dt>Open tasks</dt><dd>1</dd>" in page
