"""What a visitor does on a public page counts once the address is proven, or at once by a signed link; never twice."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock
from crm.base.deeds import Deed
from crm.contacts import joining, known, leaving, retention
from crm.contacts.models import TimelineEntry, Topic
from crm.extensions import db
from tests import factories
from tests.contacts.deeds import TITLE, offer
from tests.contacts.people import AMINA, confirm_path, mails, path, person, sign_ups, topics_of


@pytest.fixture
def petition(app, monkeypatch):
    return offer(monkeypatch)


def ask(email=AMINA, topics=(), form_id="form-1", about_id=7):
    deed = Deed("signature", about_id, {"comment": "My colleague waited two years."})
    joining.ask(joining.Request(email, topics, "en", form_id, deed=deed, typed={"first_name": "Amina"}))
    db.session.commit()


def alerts():
    return list(db.session.scalars(db.select(Topic).where(Topic.slug == "action-alerts")))


def lines():
    return [one.title for one in db.session.scalars(db.select(TimelineEntry).order_by(TimelineEntry.id))]


def test_a_deed_counts_once_its_address_is_confirmed_and_brings_no_mail_that_nobody_asked_for(client, petition):
    ask()
    assert [subject for subject, _ in mails()] == ["Please confirm that it was you"]
    assert mails()[0][1]["mail"] == "This signs you up for nothing else."
    assert "Yes, confirm my address" in client.page(confirm_path()).text and not petition
    answer = client.post(confirm_path())
    assert answer.status_code == 303 and "/privacy?done=" in answer.location
    assert known.who_did(answer.location.partition("done=")[2], "signature", 7) == person()
    assert client.post(confirm_path()).status_code == 303
    [done] = petition
    assert (done.new, done.deed.details) == (True, {"comment": "My colleague waited two years."})
    assert person().first_name == "Amina" and person().confirmed_at is None and topics_of() == {}
    assert lines() == [f"Signed {TITLE}"] and len(mails()) == 1


def test_who_asked_for_mail_with_it_is_subscribed_and_greeted_once(client, petition):
    ask(topics=alerts())
    client.post(confirm_path())
    ask(topics=alerts(), form_id="form-2")
    client.post(confirm_path())
    assert topics_of() == {"action-alerts": "active"}
    assert [subject.split()[0] for subject, _ in mails()].count("Welcome") == 1
    assert [one.new for one in petition] == [True, False] and lines().count(f"Signed {TITLE}") == 1


def test_known_and_unknown_addresses_share_one_limit_of_letters(client, petition):
    for number in range(5):
        ask(form_id=f"form-{number}")
    assert len(mails()) == 3


def test_leaving_all_mail_takes_back_no_deed_that_waits(client, petition):
    ask(topics=alerts())
    leaving.unsubscribe(person(), None, method="test", place="here")
    db.session.commit()
    client.post(confirm_path())
    assert len(petition) == 1 and topics_of().get("action-alerts") != "active"


def test_who_takes_leaving_back_gets_the_mail_again_that_a_waiting_deed_asked_for(client, petition):
    ask(topics=alerts())
    record = leaving.unsubscribe(person(), None, method="test", place="here")
    db.session.commit()
    leaving.undo(leaving.undo_token(record), person())
    db.session.commit()
    client.post(confirm_path())
    assert len(petition) == 1 and topics_of() == {"action-alerts": "active"}


def test_what_is_gone_cannot_be_confirmed(client, petition):
    ask(about_id=8)
    assert client.get(confirm_path()).status_code == client.post(confirm_path()).status_code == 410
    assert not petition and sign_ups()[0].state == "open"


def test_a_signed_link_makes_known_for_one_deed_alone(app, petition):
    contact = factories.make_contact(AMINA)
    db.session.commit()
    link = known.link(contact.id, "signature", 7)
    token = link.partition("me=")[2]
    with app.test_request_context(path(link)):
        assert known.visitor("signature", 7) == contact
        assert known.visitor("signature", 9) is known.visitor("attendance", 7) is None
        assert known.who_did(token, "signature", 7) is None
    with app.test_request_context(f"/privacy?me={token[:-2]}xx"):
        assert known.visitor("signature", 7) is None
    assert known.do(contact, Deed("signature", 7), None).startswith("/privacy?done=")
    assert petition[0].contact_id == contact.id


def test_nobody_is_reminded_of_what_is_gone(client, petition):
    ask(about_id=8)
    ask("samir@mail.example", form_id="form-2")
    with time_machine.travel(clock.now() + timedelta(hours=49), tick=False):
        assert retention.remind() == 1
