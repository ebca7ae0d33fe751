"""Who left because of a mailing: its topic or all mail, within seven days, whatever they were subscribed to."""

from datetime import timedelta

import time_machine

from crm.base import clock
from crm.contacts import leaving
from crm.contacts.merging import consents
from crm.contacts.models import Contact, Topic
from crm.extensions import db
from crm.mailings import sending_progress
from tests.mailings.makers import make_people
from tests.mailings.report.makers import make_sent


def leave(person: Contact, slug: str | None, days: float = 1):
    topic = db.session.query(Topic).filter_by(slug=slug).one() if slug else None
    with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
        record = leaving.unsubscribe(person, topic, method="one_click")
    db.session.commit()
    return record


def test_who_got_it_without_a_subscription_to_its_topic_and_leaves_is_counted_and_named(app, as_alice):
    people = make_people(5, slug="webinars")
    mailing = make_sent(people, audience={"people": "all"}, days_ago=0)
    leave(people[0], "action-alerts")
    leave(people[1], None)
    leave(people[2], "webinars")
    leave(people[3], "action-alerts", days=8)
    assert sending_progress.report(mailing).unsubscribed == 2
    named = as_alice.page(f"/staff/mailings/{mailing.id}/report/unsubscribed").text
    assert [person.email in named for person in people] == [True, True, False, False, False]


def test_who_took_it_back_at_once_is_not_counted_and_who_signed_up_again_later_is(app):
    people = make_people(2)
    mailing = make_sent(people, days_ago=0)
    records = [leave(person, "action-alerts", days=0) for person in people]
    leaving.undo(leaving.undo_token(records[0]), people[0])
    db.session.commit()
    assert sending_progress.report(mailing).unsubscribed == 1
    people[1].subscriptions[0].state = "active"
    db.session.commit()
    assert sending_progress.report(mailing).unsubscribed == 1


def test_what_a_merge_carries_over_is_nobody_s_leaving(app):
    (person,) = make_people(1)
    mailing = make_sent([person], days_ago=1)
    consents.refuse(person, ["action-alerts"])
    db.session.commit()
    assert sending_progress.report(mailing).unsubscribed == 0
