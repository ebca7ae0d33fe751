"""Segments by the mailings that people got, and by mail that came back."""

from datetime import timedelta

import pytest

from crm.base import clock, wall_clock
from crm.base.segment_fields import segment_fields
from crm.contacts import segments
from crm.contacts.click_consent.models import ClickConsent
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings import segment_fields as offered
from crm.mailings.models import Mailing, MailingLink
from crm.mailings.reading.models import PersonalClick
from tests import factories
from tests.mailings.makers import make_mailing


def mailed(days_ago: int, **values) -> Mailing:
    """A mailing that was sent to all who subscribe then, so many days ago."""
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    at = clock.now() - timedelta(days=days_ago)
    db.session.query(Delivery).filter(Delivery.message_id.in_(mailing.message_ids)).update(
        {"state": "sent", "sent_at": at}
    )
    db.session.query(Mailing).filter_by(id=mailing.id).update(
        {"state": "finished", "finished_at": at, "released_at": at}
    )
    db.session.commit()
    return db.session.get(Mailing, mailing.id)


def found(field: str, test: str, value: str = "", negate: bool = False) -> str:
    item = {"field": field, "test": test, "value": value}
    ids = segments.select({"op": "and", "not": negate, "items": [item]})
    return "".join(sorted(e[0] for e in db.session.scalars(db.select(Contact.email).where(Contact.id.in_(ids)))))


@pytest.fixture
def people(app):
    """Amina got two mailings, Bea the old one, Carol none."""
    make = factories.make_contact
    make("amina@mail.example", topics={"action-alerts": "active", "research": "active"})
    make("bea@mail.example", topics={"research": "active"})
    make("carol@mail.example", topics={"webinars": "active"})
    db.session.commit()
    old, new = mailed(60, slug="research", subject="Old"), mailed(5, subject="New")
    return {"old": str(old.id), "new": str(new.id)}


def test_who_got_a_mailing_and_who_did_not(people):
    assert found("got_mailing", "is", people["old"]) == "ab"
    assert found("got_mailing", "is", people["new"]) == "a"
    assert found("got_mailing", "is_not", people["new"]) == "bc"
    assert found("got_mailing", "is", "12345") == ""


def test_a_copy_that_was_refused_or_canceled_was_not_got(people):
    db.session.query(Delivery).filter(Delivery.address == "bea@mail.example").update({"state": "failed"})
    assert found("got_mailing", "is", people["old"]) == "a"
    assert found("mailed", "filled") == "a"


@pytest.mark.parametrize(
    ("test", "value", "who"),
    [
        ("last_days", "30", "a"),
        ("not_last_days", "30", "bc"),
        ("last_days", "90", "ab"),
        ("not_last_days", "90", "c"),
        ("older_days", "30", "b"),
        ("filled", "", "ab"),
        ("empty", "", "c"),
        ("since", "2020-01-01", "ab"),
        ("before", "2020-01-01", ""),
    ],
)
def test_the_last_mailing_that_somebody_got(people, test, value, who):
    assert found("mailed", test, value) == who
    rest = "".join(letter for letter in "abc" if letter not in who)
    assert found("mailed", test, value, negate=True) == rest


def test_how_many_mailings_somebody_got_lately(people):
    mailed(20, subject="Second")
    assert found("mailings_lately", "at_least", "2") == "a"
    assert found("mailings_lately", "exactly", "0") == "bc"
    assert found("mailings_lately", "at_most", "1") == "bc"


def test_letters_of_other_kinds_are_no_mailings(app):
    person = factories.make_contact("amina@mail.example")
    from_us = {"subject": "x", "html": "x", "text": "x", "sender": "n@b.example", "sender_address": "n@b.example"}
    message = factories.add(Message(kind="transactional", on_uncertain="resend", **from_us))
    copy = {"address": person.email, "uuid": "1" * 32, "contact_id": person.id, "next_attempt_at": clock.now()}
    factories.add(Delivery(message_id=message.id, state="sent", sent_at=clock.now(), **copy))
    assert found("mailed", "filled") == ""


def test_mail_that_came_back_by_its_bounce_or_by_the_block_that_it_left(people):
    amina = db.session.scalar(db.select(Contact).where(Contact.email == "amina@mail.example"))
    facts = {"digest": "d", "source": "mail", "effect": "nothing"}
    factories.add(Bounce(kind="soft", address_hash=amina.address_hash, **facts))
    factories.add(Bounce(kind="hard", address_hash="", **{**facts, "digest": "e"}))
    suppression.suppress("bea@mail.example", "hard_bounce")
    db.session.commit()
    assert found("bounced", "is", "soft") == "a"
    assert found("bounced", "is", "hard") == "b"
    assert found("bounced", "is_not", "hard") == "ac"
    assert found("bounced", "is", "complaint") == ""


def test_the_builder_offers_the_mailings_that_were_sent(people, as_oscar):
    make_mailing(subject="Only a draft")
    typed = {"g.kind": "group", "g.op": "and", "g.n": "1", "g.0.kind": "condition", "g.0.field": "got_mailing"}
    page = as_oscar.send("/staff/segments/new", {**typed, "name": "x", "do": "show"}).text
    assert "New, " in page
    assert "Only a draft" not in page


def test_older_mailings_are_known_by_name(people, monkeypatch):
    monkeypatch.setattr(offered, "OFFERED", 1)
    names = [name.partition(",")[0] for _, name in segment_fields["got_mailing"].offered(people["old"])]
    assert names == ["New", "Old"]


def test_who_clicked_is_found_among_those_who_agreed_to_be_seen(people):
    amina = db.session.scalars(db.select(Contact).where(Contact.email == "amina@mail.example")).one()
    factories.add(ClickConsent(contact_id=amina.id, key="k"))
    link = db.session.scalars(db.select(MailingLink).where(MailingLink.mailing_id == int(people["new"]))).first()
    at = clock.now() - timedelta(days=3)
    factories.add(PersonalClick(contact_id=amina.id, link_id=link.id, clicks=1, first_at=at, last_at=at))
    assert found("clicked_mailing", "is", people["new"]) == "a"
    assert found("clicked_mailing", "is", people["old"]) == ""
    assert found("clicked_mailing", "is_not", people["new"]) == "bc"
    assert (found("clicked", "last_days", "4"), found("clicked", "last_days", "2")) == ("a", "")
    assert found("clicked", "empty") == "bc"
