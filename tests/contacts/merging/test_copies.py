"""A merge while mail is on its way: each message reaches the person once at most, and nothing is lost."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, true, update

from crm.base import clock, wall_clock
from crm.contacts.merging import copies, uniting
from crm.delivery import freezing, outbox, rates, suppression
from crm.delivery.ledger import Ledger
from crm.delivery.models import Delivery, Message, SendingLimit
from crm.extensions import db
from crm.mailings import audience, releasing, scheduling
from crm.mailings.models import Mailing
from tests import factories
from tests.databases import until_somebody_waits
from tests.mailings.makers import make_mailing

KEPT, GONE = "b-kept@mail.example", "a-gone@mail.example"


def person(email, state="active"):
    one = factories.make_contact(email, topics={"action-alerts": state} if state else {})
    db.session.commit()
    return one


def merge(kept, gone, user, *of_gone):
    merged = uniting.merge(kept.id, gone.id, of_gone, user)
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    return merged


def found():
    db.session.expire_all()
    return dict(db.session.execute(select(Delivery.address, Delivery.state)).all())


@pytest.fixture
def mailing(app, alice):
    """A mailing that is released, and not frozen yet."""
    factories.make_contact("z@mail.example", topics={"action-alerts": "active"})
    one = make_mailing()
    scheduling.schedule(one, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(one.id)
    return one


def queue(mailing, contact):
    message = db.session.get(Message, mailing.message_ids[0])
    outbox.queue(message, contact.email, contact_id=contact.id)
    db.session.commit()


def test_of_two_copies_that_wait_one_is_canceled(mailing, alice):
    kept, gone = person(KEPT), person(GONE)
    db.session.commit()
    releasing.freeze(mailing.id)
    merge(kept, gone, alice)
    assert found() == {KEPT: "queued", GONE: "canceled", "z@mail.example": "queued"}


def test_while_the_audience_is_frozen_the_person_gets_no_second_copy(mailing, alice):
    kept, gone = person(KEPT), person(GONE)
    queue(mailing, gone)
    merge(kept, gone, alice)
    releasing.freeze(mailing.id)
    assert found() == {KEPT: "canceled", GONE: "queued", "z@mail.example": "queued"}


def test_before_the_freezing_has_come_to_either_the_kept_address_gets_it(mailing, alice):
    kept, gone = person(KEPT), person(GONE)
    merge(kept, gone, alice)
    releasing.freeze(mailing.id)
    assert found() == {KEPT: "queued", GONE: "canceled", "z@mail.example": "queued"}


@pytest.mark.parametrize("state", ["in_flight", "sent", "uncertain"])
def test_who_got_it_at_the_address_given_up_gets_it_at_no_other(mailing, alice, state):
    kept, gone = person(KEPT), person(GONE)
    releasing.freeze(mailing.id)
    db.session.execute(Delivery.__table__.update().where(Delivery.address == GONE).values(state=state))
    db.session.commit()
    merge(kept, gone, alice)
    assert found()[KEPT] == "canceled" and found()[GONE] == state


def test_one_copy_that_waits_for_the_address_given_up_still_goes(mailing, alice):
    kept, gone = person(KEPT, None), person(GONE)
    db.session.commit()
    releasing.freeze(mailing.id)
    merge(kept, gone, alice)
    assert found()[GONE] == "queued" and KEPT not in found()


def test_what_the_person_has_left_at_the_other_address_is_not_sent(mailing, alice):
    kept, gone = person(KEPT, "unsubscribed"), person(GONE)
    db.session.commit()
    releasing.freeze(mailing.id)
    merge(kept, gone, alice)
    assert found()[GONE] == "suppressed"


def merged_while_frozen(monkeypatch, kept, gone, user):
    """Let them be merged when the audience was looked at, before the first chunk of it is queued."""
    real, begun = freezing._queue_chunk, []

    def queue_chunk(*args):
        if not begun:
            begun.append(merge(kept, gone, user))
        return real(*args)

    monkeypatch.setattr(freezing, "_queue_chunk", queue_chunk)


def test_who_is_first_reached_by_a_merge_while_the_audience_is_frozen_gets_the_copy(mailing, alice, monkeypatch):
    kept, gone = person(KEPT, state=""), person(GONE)
    merged_while_frozen(monkeypatch, kept, gone, alice)
    releasing.freeze(mailing.id)
    assert found() == {KEPT: "queued", GONE: "canceled", "z@mail.example": "queued"}


def test_whom_a_merge_leaves_out_by_name_while_the_audience_is_frozen_gets_no_copy(app, alice, monkeypatch):
    kept, gone = person(KEPT), person(GONE)
    one = make_mailing(audience={"without_people": [gone.id]})
    scheduling.schedule(one, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(one.id)
    merged_while_frozen(monkeypatch, kept, gone, alice)
    releasing.freeze(one.id)
    assert "queued" not in found().values()


def test_where_the_other_address_is_kept_it_is_the_one_that_gets_mail(mailing, alice):
    kept, gone = person(KEPT), person(GONE)
    db.session.commit()
    releasing.freeze(mailing.id)
    merge(kept, gone, alice, "email")
    assert found() == {KEPT: "canceled", GONE: "queued", "z@mail.example": "queued"}


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_chunk_that_is_being_frozen_at_the_same_moment_is_waited_for(mailing, alice, app, monkeypatch):
    """The chunk has read both as they were; it commits only after the merge has begun to look for copies."""
    kept, gone = person(KEPT), person(GONE)
    db.session.commit()
    ids, message_id = (kept.id, gone.id), mailing.message_ids[0]
    queued, look = threading.Event(), threading.Event()

    def freeze():
        with app.app_context():
            message = db.session.get(Message, message_id)
            again = db.session.get(Mailing, mailing_id)
            people = audience.select_copies(again, true(), set())
            freezing._queue_chunk(message.id, people, freezing._contact_ids(people, [message.id]))
            queued.set()
            look.wait(5)
            db.session.commit()

    mailing_id = mailing.id
    thread = threading.Thread(target=freeze)
    thread.start()
    assert queued.wait(10)
    real = copies._held
    monkeypatch.setattr(copies, "_held", lambda *args: (look.set(), real(*args))[1])
    merged = uniting.merge(*ids, (), alice)
    db.session.commit()
    thread.join()
    copies.settle_again(merged)
    db.session.commit()
    assert found() == {KEPT: "queued", GONE: "canceled", "z@mail.example": "queued"}


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has one writer at a time.
def test_a_merge_that_blocks_an_address_and_who_takes_letters_do_not_wait_for_each_other_in_a_circle(
    mailing, alice, monkeypatch
):
    kept = factories.make_contact(KEPT, topics={"action-alerts": "active", "research": "unsubscribed"})
    gone = person(GONE)
    releasing.freeze(mailing.id)
    rates.limit(rates.DOMAIN, "mail.example", 60)
    later = clock.now() + timedelta(hours=1)
    db.session.execute(update(SendingLimit).values(booked_until=later, stale=False))
    db.session.commit()
    real, holds, go, taken = suppression.lock_for_claim, threading.Event(), threading.Event(), []

    def lock_for_claim(connection):
        holds.set()
        go.wait(10)
        real(connection)

    monkeypatch.setattr(suppression, "lock_for_claim", lock_for_claim)
    ledger = Ledger(db.engine, "worker-1", 120, 10, b"key")
    claim = threading.Thread(target=lambda: taken.append(ledger.turn([], 10)))
    claim.start()
    assert holds.wait(10)
    engine = db.engine
    threading.Thread(target=lambda: (until_somebody_waits(engine), go.set())).start()
    merge(kept, gone, alice)
    claim.join(10)
    assert taken
    assert found()[GONE] == "canceled"
    booked = db.session.execute(select(SendingLimit.booked_until, SendingLimit.stale)).one()
    assert booked.booked_until < later and booked.stale
