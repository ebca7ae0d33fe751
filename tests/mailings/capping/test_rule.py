"""At most so many mailings in so many days: whom a mailing leaves out, before it goes and as it is frozen."""

import pytest

from crm.delivery import outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import audience
from crm.mailings.capping import deciding, outcomes
from crm.mailings.models import Mailing
from tests.mailings.capping.makers import make_cap, reached, release, sent_before
from tests.mailings.makers import make_mailing, make_people


def who(mailing: Mailing) -> set[int]:
    return set(db.session.scalars(audience.select_ids(mailing)))


def test_without_a_cap_everybody_gets_it(app):
    people = make_people(2)
    sent_before(*people)
    assert audience.reach(make_mailing()).recipients == 2
    make_cap(active=False)
    assert audience.reach(make_mailing()).capped == 0


def test_who_had_as_many_lately_is_left_out_counted_and_kept_by_name(app):
    often, once, never = make_people(3)
    make_cap(most=2)
    sent_before(often, once)
    sent_before(often)
    mailing = make_mailing()
    reach = audience.reach(mailing)
    assert (reach.recipients, reach.capped) == (2, 1)
    assert who(mailing) == {once.id, never.id}
    mailing = release(mailing)
    assert reached(mailing) == {once.email, never.email}
    assert [one.id for one in db.session.scalars(outcomes.people(mailing))] == [often.id]
    outcome = outcomes.of(mailing)
    assert (outcome.left_out, outcome.most, outcome.days) == (1, 2, 7)


def test_what_lies_longer_back_does_not_count(app):
    make_cap(days=7)
    person = make_people(1)[0]
    sent_before(person, days=7.1)
    assert who(make_mailing()) == {person.id}
    sent_before(person, days=6.9)
    assert who(make_mailing()) == set()


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("queued", True),
        ("in_flight", True),
        ("deferred", True),
        ("uncertain", True),
        ("failed", False),
        ("suppressed", False),
        ("canceled", False),
    ],
)
def test_what_is_on_its_way_counts_and_what_failed_or_was_canceled_does_not(app, state, counts):
    person = make_people(1)[0]
    earlier = sent_before(person, state=state)
    make_cap()
    assert who(make_mailing()) == (set() if counts else {person.id})
    outbox.cancel(earlier.message_ids[0])
    db.session.commit()
    waits = state in ("queued", "deferred")
    assert who(make_mailing()) == ({person.id} if waits or not counts else set())


def test_letters_do_not_count(app):
    person = make_people(1)[0]
    earlier = sent_before(person)
    db.session.query(Message).filter_by(id=earlier.message_ids[0]).update({"kind": "transactional"})
    make_cap()
    assert who(make_mailing()) == {person.id}


def test_a_kind_may_go_to_all_and_still_counts_for_others(app):
    person = make_people(1)[0]
    make_cap(free_kinds=["call_to_action"])
    first = release(make_mailing(kind="call_to_action"))
    second = release(make_mailing(kind="call_to_action"))
    assert reached(first) == reached(second) == {person.email}
    assert outcomes.of(second) is None
    assert who(make_mailing(kind="newsletter")) == set()


def test_a_mailing_may_go_to_all_the_same(app):
    person = make_people(1)[0]
    sent_before(person)
    make_cap()
    mailing = make_mailing()
    assert who(mailing) == set()
    deciding.send_to_all(mailing, "The vote is tomorrow")
    db.session.commit()
    assert reached(release(mailing)) == {person.email}


def test_one_that_leaves_out_everybody_is_held_with_the_reason(app):
    person = make_people(1)[0]
    mailing = make_mailing()
    make_cap()
    sent_before(person)
    assert audience.reach(mailing, counted=False).capped == 1
    db.session.query(Mailing).filter_by(id=mailing.id).update({"state": "scheduled", "scheduled_at": person.created_at})
    db.session.commit()
    with pytest.raises(Exception, match="the frequency cap leaves out all"):
        release(mailing)


def test_the_cap_is_looked_at_again_when_the_mailing_goes(app):
    first, second = make_people(2)
    make_cap()
    mailing = make_mailing()
    assert who(mailing) == {first.id, second.id}
    sent_before(first)
    assert reached(release(mailing)) == {second.email}


def test_the_cap_looks_no_farther_back_than_copies_are_kept(app):
    make_cap(days=30)
    app.config["KEEP_DELIVERIES_DAYS"] = 5
    person = make_people(1)[0]
    sent_before(person, days=6)
    assert who(make_mailing()) == {person.id}


def test_the_names_go_with_the_copies_and_the_number_stays(app):
    person, _ = make_people(2)
    make_cap()
    sent_before(person)
    mailing = release(make_mailing())
    app.config["KEEP_DELIVERIES_DAYS"] = 30
    assert outcomes.forget_old() == 0
    mailing.state, mailing.finished_at = "finished", mailing.released_at.replace(year=2020)
    db.session.commit()
    assert outcomes.forget_old() == 1
    assert db.session.scalars(outcomes.people(mailing)).all() == []
    assert outcomes.of(mailing).left_out == 1


def test_a_person_who_is_erased_leaves_no_name(app):
    person, _ = make_people(2)
    make_cap()
    sent_before(person)
    mailing = release(make_mailing())
    db.session.query(Delivery).filter_by(contact_id=person.id).update({"contact_id": None})
    db.session.delete(person)
    db.session.commit()
    assert db.session.scalars(outcomes.people(mailing)).all() == []
