"""The owner of an influencer who gets a mailing is told, once, however it came to be."""

import pytest

from crm.base import clock, wall_clock
from crm.delivery import freezing, suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers import bulk
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from tests import factories
from tests.mailings.makers import make_consent, make_mailing, make_people


@pytest.fixture
def rosa(app, alice):
    """An influencer whom Alice looks after, and who subscribed to action alerts."""
    return make_subscriber(alice, "Rosa")


def make_subscriber(owner, first_name):
    person = make_people(1, first_name=first_name, last_name="Diaz")[0]
    influencer = factories.make_influencer(contact=person, owner_id=owner.id if owner else None)
    db.session.commit()
    return influencer


def release(**values):
    make_people(1)
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    return mailing


def letters():
    query = db.session.query(Delivery).filter(Delivery.address.endswith("@bridgeway.example")).order_by(Delivery.id)
    return [(row.address, row.merge["names"]) for row in query]


def test_by_a_topic_that_they_confirmed_themselves(rosa):
    make_consent(rosa.contact, "action-alerts")
    release(kind="call_to_action")
    assert letters() == [("alice@bridgeway.example", "Rosa Diaz")]


def test_by_a_release_of_the_one_influencer(rosa, alice):
    bulk.release(rosa, alice, "Asked for it")
    db.session.commit()
    release(kind="call_to_action")
    assert letters() == [("alice@bridgeway.example", "Rosa Diaz")]


def test_by_a_newsletter_as_any_subscriber(rosa):
    release(kind="newsletter", subject="{{ first_name }}")
    assert letters() == [("alice@bridgeway.example", "Rosa Diaz")]


def test_each_owner_gets_one_letter_that_names_all(rosa, alice, oscar):
    make_subscriber(alice, "Amal")
    make_subscriber(oscar, "Olga")
    make_subscriber(None, "Nora")
    release()
    assert letters() == [("alice@bridgeway.example", "Rosa Diaz, Amal Diaz"), ("oscar@bridgeway.example", "Olga Diaz")]


def test_nobody_is_told_of_who_is_held_out_blocked_or_not_subscribed(rosa, alice):
    factories.make_influencer(owner_id=alice.id)
    release(kind="call_to_action")
    suppression.suppress(rosa.contact.email, "unsubscribed", "action-alerts")
    db.session.commit()
    release()
    assert letters() == []


def test_a_second_freezing_tells_nobody_again(rosa):
    mailing = release()
    for _ in range(2):
        db.session.query(Mailing).filter_by(id=mailing.id).update({"frozen_at": None})
        db.session.commit()
        scheduling.release_due()
    assert len(letters()) == 1
    release(subject="The next one")
    assert len(letters()) == 2


def test_nobody_is_told_of_a_mailing_that_was_canceled_while_it_froze(rosa, monkeypatch):
    real = freezing.queue_audience

    def cancel_amid(message, query, **_):
        number = real(message, query)
        scheduling.cancel(db.session.query(Mailing).one())
        db.session.commit()
        return number

    monkeypatch.setattr(freezing, "queue_audience", cancel_amid)
    release()
    scheduling.release_due()
    assert letters() == []


def test_the_letter_says_who_gets_what(rosa, deliver):
    make_consent(rosa.contact, "action-alerts")
    mailing = release(kind="call_to_action", subject='A word, {{ first_name | default: "friend" }}')
    [letter] = [mail for mail in deliver() if mail.recipient == "alice@bridgeway.example"]
    assert letter.subject == "Influencers of yours get a call to action: A word, friend"
    for part in (letter.text, letter.html):
        assert "Rosa Diaz" in part
        assert f"http://crm.example/staff/mailings/{mailing.id}" in part


def test_the_sender_sees_who_is_held_and_who_gets_it_and_why(as_oscar, rosa, alice):
    bulk.release(make_subscriber(alice, "Amal"), alice, "She asked for it")
    make_subscriber(alice, "Hala")
    make_consent(rosa.contact, "action-alerts")
    mailing = make_mailing(kind="sharing_tools")
    page = as_oscar.page(f"/staff/mailings/{mailing.id}/review").text
    held, _, among = page.partition("1 influencer held out</h3>")[2].partition("2 influencers among them</h3>")
    assert "Hala Diaz" in held and "Their owners can release them." in held
    for words in ("Rosa Diaz", "Confirmed Action alerts themselves", "Amal Diaz", "Released by Alice Admin: She asked"):
        assert words in among and words not in held


def test_but_not_of_one_whom_another_member_keeps_for_itself_by_now(app, rosa, alice):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    alice.organization_id, rosa.organization_id = south.id, north.id
    db.session.commit()
    release(kind="newsletter")
    assert letters() == []
