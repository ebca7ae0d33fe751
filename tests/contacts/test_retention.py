"""One reminder after 48 hours, oblivion after 30 days."""

from datetime import timedelta

import time_machine

from crm.base import clock
from crm.contacts import leaving, retention, timeline
from crm.contacts.merging.models import NotTheSame
from crm.contacts.models import ConsentRecord, Contact
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, confirm_path, filled_in, mails, person, sign_ups, topics_of

REMINDER = "Reminder: please confirm your e-mail address"


def run(job, **after):
    with time_machine.travel(clock.now() + timedelta(**after), tick=False):
        result = job()
        db.session.commit()
    return result


def reminders(address=AMINA):
    return [subject for subject, _ in mails(address)].count(REMINDER)


def test_who_has_not_confirmed_is_reminded_once(client):
    filled_in(client)
    assert run(retention.remind, hours=47) == 0
    assert run(retention.remind, hours=49) == 1
    assert run(retention.remind, hours=60) == 0
    assert reminders() == 1


def test_the_link_of_the_reminder_works(client):
    filled_in(client)
    with time_machine.travel(clock.now() + timedelta(hours=49), tick=False):
        run(retention.remind)
        client.send(confirm_path())
    assert topics_of() == {"action-alerts": "active"}


def test_several_sign_ups_of_one_address_get_one_reminder(client):
    for topic in ("research", "webinars"):
        filled_in(client, topics=[topic])
    run(retention.remind, hours=49)
    run(retention.remind, hours=50)
    assert reminders() == 1


def test_a_reminder_counts_among_the_three_mails_that_one_address_gets_in_a_day(client):
    filled_in(client)
    run(retention.remind, hours=49)
    with time_machine.travel(clock.now() + timedelta(hours=50), tick=False):
        for number in range(4):
            filled_in(client, network=f"198.51.{number}.7")
    assert len(mails()) == 2 + 2


def test_who_confirmed_left_or_bounced_is_not_reminded(client):
    for number, name in enumerate(("confirmed", "left", "bounced")):
        filled_in(client, f"{name}@mail.example", network=f"198.51.{number}.1")
    client.send(confirm_path("confirmed@mail.example"))
    leaving.unsubscribe(person("left@mail.example"), None, method="unsubscribe_page")
    suppression.suppress("bounced@mail.example", "hard_bounce")
    db.session.commit()
    assert run(retention.remind, hours=49) == 0


def test_a_sign_up_is_forgotten_after_thirty_days_with_its_contact(client):
    filled_in(client)
    run(retention.forget_unconfirmed, days=29)
    assert person() is not None
    run(retention.forget_unconfirmed, days=31)
    assert person() is None and sign_ups() == []


def test_somebody_who_signed_up_twice_is_forgotten_after_the_second_thirty_days(client):
    filled_in(client, topics=["research"])
    with time_machine.travel(clock.now() + timedelta(days=20), tick=False):
        filled_in(client, topics=["webinars"])
    run(retention.forget_unconfirmed, days=31)
    assert topics_of() == {"research": "pending", "webinars": "pending"} and len(sign_ups()) == 1
    run(retention.forget_unconfirmed, days=51)
    assert person() is None and sign_ups() == []


def test_somebody_who_confirms_the_second_sign_up_is_kept(client):
    filled_in(client, topics=["research"])
    with time_machine.travel(clock.now() + timedelta(days=27), tick=False):
        filled_in(client, topics=["webinars"])
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        run(retention.forget_unconfirmed)
        client.send(confirm_path())
    run(retention.forget_unconfirmed, days=400)
    assert topics_of()["webinars"] == "active"


def test_a_contact_that_something_else_holds_is_kept(client):
    filled_in(client)
    timeline.record(person(), "note", "Met at the conference")
    db.session.commit()
    run(retention.forget_unconfirmed, days=31)
    assert person() is not None
    assert topics_of() == {} and sign_ups() == []


def test_that_two_records_are_two_people_holds_neither(client):
    filled_in(client)
    first, second = sorted((person().id, factories.make_contact().id))
    factories.add(NotTheSame(first_id=first, second_id=second, said_by="x"))
    db.session.commit()
    run(retention.forget_unconfirmed, days=31)
    assert person() is None and db.session.query(NotTheSame).count() == 0


def test_a_contact_that_was_there_before_is_kept(client):
    factories.make_contact(AMINA)
    db.session.commit()
    filled_in(client)
    run(retention.forget_unconfirmed, days=31)
    assert person() is not None


def test_what_was_confirmed_is_kept(client):
    filled_in(client)
    client.send(confirm_path())
    run(retention.forget_unconfirmed, days=400)
    assert topics_of() == {"action-alerts": "active"}


def test_networks_are_forgotten_after_thirty_days(client):
    filled_in(client)
    client.send(confirm_path())
    run(retention.forget_networks, days=29)
    assert sign_ups()[0].ip and db.session.query(ConsentRecord).one().ip
    run(retention.forget_networks, days=31)
    db.session.expire_all()
    assert sign_ups()[0].ip is None and db.session.query(ConsentRecord).one().ip is None


def test_an_old_link_never_opens_somebody_elses_sign_up(client):
    filled_in(client)
    run(retention.forget_unconfirmed, days=31)
    old = confirm_path()
    filled_in(client, "new@mail.example", network="198.51.100.1")
    assert client.post(old).status_code == 410
    assert db.session.query(Contact).count() == 1
    assert topics_of("new@mail.example") == {"action-alerts": "pending"}
