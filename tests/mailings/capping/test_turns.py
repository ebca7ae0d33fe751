"""Two mailings that are frozen at the same time do not both overlook the other's copies."""

import threading
from datetime import datetime, timedelta

from sqlalchemy import select

from crm.base import clock, database, wall_clock
from crm.contacts.models import Contact
from crm.delivery import freezing, outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import releasing, scheduling
from crm.mailings.capping import outcomes, turns
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.models import Mailing
from tests.mailings.capping.makers import make_cap, reached, sent_before
from tests.mailings.makers import make_mailing, make_people


def released(**values) -> int:
    """A mailing that was released, and is yet to be frozen."""
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    assert releasing.release(mailing.id)
    return mailing.id


def copies() -> int:
    db.session.rollback()
    return db.session.query(Delivery).count()


def load(mailing_id: int) -> Mailing:
    db.session.rollback()
    return db.session.get(Mailing, mailing_id)


def test_of_two_that_freeze_at_once_each_person_gets_one(app):
    people = make_people(60)
    make_cap(most=1)
    ids = [released(subject=f"Mailing {number}") for number in range(3)]
    db.session.commit()
    faults = []

    def freeze(mailing_id):
        with app.app_context():
            try:
                while load(mailing_id).frozen_at is None:
                    releasing.freeze(mailing_id)
            except Exception as error:
                faults.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=freeze, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert copies() == len(people)
    assert sorted(outcomes.of(load(one)).left_out for one in ids) == [0, 60, 60]


def test_while_one_is_frozen_another_waits_and_the_turn_comes_back(app):
    people = make_people(3)
    make_cap(most=1)
    first, second = released(), released()
    turn = turns.take(first)
    assert releasing.freeze(second) == 0
    assert copies() == 0
    assert load(second).frozen_at is None
    turns.give_back(turn)
    assert releasing.freeze(second) == 3
    assert releasing.freeze(first) == 0
    assert load(first).frozen_at is not None
    assert reached(load(second)) == {one.email for one in people}


def test_who_is_killed_amid_leaves_a_turn_that_runs_out(app):
    make_people(3)
    first, second = released(), released()
    assert turns.take(first)
    assert releasing.freeze(second) == 0
    db.session.query(FrequencyCap).update({"turn_until": clock.now() - timedelta(seconds=1)})
    db.session.commit()
    assert releasing.freeze(second) == 3
    assert releasing.freeze(first) == 3


def test_one_that_stood_still_until_another_took_over_queues_nothing_more(app, monkeypatch):
    people = make_people(4)
    make_cap(most=1)
    first, second = released(), released()
    real = freezing.queue_audience

    def half(message, query, **how):
        some = [one.id for one in people[:2]]
        real(message, query.where(Contact.id.in_(some)), **how)
        monkeypatch.setattr(freezing, "queue_audience", real)
        db.session.query(FrequencyCap).update({"turn_until": clock.now() - timedelta(seconds=1)})
        db.session.commit()
        assert releasing.freeze(second) == 2
        return real(message, query, **how)

    monkeypatch.setattr(freezing, "queue_audience", half)
    assert releasing.freeze(first) == 0
    assert load(first).frozen_at is None
    assert len(reached(load(first))) == 2
    assert releasing.freeze(first) == 0
    assert load(first).frozen_at is not None
    assert reached(load(first)) == {one.email for one in people[:2]}
    assert reached(load(second)) == {one.email for one in people[2:]}
    assert (outcomes.of(load(first)).left_out, outcomes.of(load(second)).left_out) == (2, 2)


def test_one_that_stood_still_until_another_try_for_the_same_mailing_took_over_queues_nothing_more(app, monkeypatch):
    people = make_people(2)
    mailing = released()
    real, again = freezing._contact_ids, []

    def look(*asked):
        found = real(*asked)
        if not again:
            again.append(turns.take(mailing))
            message = db.session.get(Message, load(mailing).message_ids[0])
            for one in people:
                outbox.queue(message, one.email, contact_id=one.id)
            people[0].email = "new@mail.example"
            db.session.commit()
        return found

    monkeypatch.setattr(freezing, "_contact_ids", look)
    assert releasing.freeze(mailing) == 0
    assert load(mailing).frozen_at is None
    assert copies() == 2
    turns.renew(*again)
    turns.give_back(*again)
    assert releasing.freeze(mailing) == 0
    assert load(mailing).frozen_at is not None
    assert copies() == 2


def until() -> datetime:
    """The moment that others see until which the turn is taken."""
    with database.reading(), db.engine.connect() as another:
        return another.execute(select(FrequencyCap.turn_until)).scalar_one()


def test_the_turn_is_renewed_while_it_is_noted_whom_the_cap_leaves_out(app, monkeypatch):
    people = make_people(4)
    make_cap(most=1)
    sent_before(*people[:3])
    mailing = released()
    real, seen = database.one_of, []

    def chunk(*asked):
        seen.append(until())
        return real(*asked)

    monkeypatch.setattr(outcomes, "CHUNK", 1)
    monkeypatch.setattr(database, "one_of", chunk)
    assert releasing.freeze(mailing) == 1
    assert outcomes.of(load(mailing)).left_out == 3
    assert len(seen) == 4  # Three of those who had enough, then the chunk of copies.
    assert sorted(set(seen)) == seen


def test_one_that_lost_the_turn_while_it_looked_who_had_enough_writes_nothing_down(app, monkeypatch):
    people = make_people(4)
    make_cap(most=1)
    sent_before(*people[:3])
    first, second = released(), released()
    real = database.numbers

    def numbers(query):
        found = real(query)
        monkeypatch.setattr(database, "numbers", real)
        db.session.rollback()
        db.session.query(FrequencyCap).update({"turn_until": clock.now() - timedelta(seconds=1)})
        db.session.commit()
        assert releasing.freeze(second) == 1
        return found

    monkeypatch.setattr(database, "numbers", numbers)
    assert releasing.freeze(first) == 0
    assert outcomes.of(load(first)) is None
    assert releasing.freeze(first) == 0
    assert outcomes.of(load(first)).left_out == 4


def test_without_a_cap_nobody_waits_for_one_that_cannot_be_frozen(app, monkeypatch):
    make_people(2)
    broken, good = released(), released()
    real = freezing.queue_audience

    def fails(message, query, **how):
        if message.id in load(broken).message_ids:
            raise RuntimeError("out of order")
        return real(message, query, **how)

    monkeypatch.setattr(freezing, "queue_audience", fails)
    scheduling.release_due()
    assert load(broken).state == "paused"
    assert load(good).frozen_at is not None
