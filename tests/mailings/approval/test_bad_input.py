"""What goes wrong between scheduling and sending: a clear message, and the draft is kept."""

import pytest

from crm.base import clock, wall_clock
from crm.contacts.models import Segment, Subscription
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from crm.organizations import coalition
from tests.mailings.makers import make_mailing, make_people, make_segment
from tests.mailings.test_staff import typed


def nobody_left():
    db.session.query(Subscription).update({"state": "unsubscribed"})


def segment_deleted():
    db.session.query(Segment).delete()


def segment_broken():
    db.session.query(Segment).update({"definition": {"op": "and", "not": False, "items": [{"field": "gone"}]}})


def sender_without_domain():
    coalition.current().sender_email = "news@@"


def postal_address_gone():
    coalition.current().postal_address = ""


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (nobody_left, "Nobody would get it"),
        (segment_deleted, "A segment of this mailing was deleted"),
        (segment_broken, "The segment Ohio cannot be used"),
        (sender_without_domain, "no sender address that works"),
        (postal_address_gone, "postal address is missing"),
    ],
)
def test_it_is_held_with_the_reason_and_taken_back_with_all_that_was_written(as_alice, happens, words):
    make_people(2, state="OH")
    segment = make_segment(state="OH")
    mailing = make_mailing(subject="Kept", audience={"people": "topic", "segment": segment.id})
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    happens()
    db.session.commit()
    scheduling.release_due()
    assert db.session.query(Delivery).filter(Delivery.contact_id.is_not(None)).count() == 0
    page = as_alice.page(f"/staff/mailings/{mailing.id}").text
    assert "Waits for you" in page
    assert words in page
    as_alice.send(f"/staff/mailings/{mailing.id}/take-back")
    found = db.session.query(Mailing).one()
    assert (found.state, found.subject, found.body) == ("draft", "Kept", mailing.body)


def test_a_broken_merge_field_is_named_and_nothing_is_lost(as_alice):
    make_people(1)
    make_mailing()
    values = typed(subject="Hi {{ nick }}", body="Dear {{ first_name | upper }}", version=1, then="review")
    page = as_alice.send(f"/staff/mailings/{db.session.query(Mailing.id).scalar()}/edit", values).text
    assert "Not ready yet" in page
    for field in ("{{ nick }} is not a merge field", "{{ first_name | upper }} is not a merge field"):
        assert field in page
    found = db.session.query(Mailing).one()
    assert (found.subject, found.body) == ("Hi {{ nick }}", "Dear {{ first_name | upper }}")


def test_an_hour_that_the_clocks_skip_is_refused_and_the_form_keeps_it(as_alice):
    make_people(1)
    mailing = make_mailing()
    values = {"at": "2099-03-08T02:30", "zone": "America/New_York", "version": 1, "when": "later"}
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", values).text
    assert "02:30 does not exist on 2099-03-08 in America/New_York: clocks go forward. Choose 03:30, say." in page
    assert 'value="2099-03-08T02:30"' in page
    assert db.session.query(Mailing.state).scalar() == "draft"
