"""The staff page of one person."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts import consent, leaving, sources, subscriptions
from crm.contacts.merging.models import MergedContact
from crm.contacts.models import ConsentRecord, Contact
from crm.contacts.sources import Trail
from crm.contacts.status import of
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import topics_of
from tests.transfer.files import action_network, bring_in


@pytest.fixture
def amina(app) -> Contact:
    contact = factories.make_contact(
        "amina@mail.example", topics={"research": "active", "webinars": "pending"}, last_name="Haddad", zip_code="02116"
    )
    wording = factories.make_wording("en")
    wording.text = "I agree to get e-mail from the Bridgeway Coalition."
    consent.record(contact, "given", ["research"], method="double_opt_in", place="/signup", wording_id=wording.id)
    db.session.commit()
    return contact


def again() -> Contact:
    db.session.expire_all()
    return db.session.scalars(select(Contact).where(Contact.email == "amina@mail.example")).one()


def test_the_page_shows_what_is_on_record_in_words(amina, as_bob):
    page = as_bob.page(f"/staff/people/{amina.id}/").text
    for words in ("Amina Haddad", "02116", "Research", "Waiting for confirmation", "Agreed: research", "double opt in"):
        assert words in page
    assert "I agree to get e-mail from the Bridgeway Coalition." in page
    for tool in ("Edit", "Unsubscribe on request", "New tag"):
        assert tool not in page


def test_a_person_who_is_not_there_is_not_found(app, as_bob):
    assert "There is no such page" in as_bob.page("/staff/people/99/", status=404).text


def test_the_profile_can_be_changed_and_the_change_is_written_down(amina, as_oscar):
    address = f"/staff/people/{amina.id}/edit"
    was = opened(as_oscar, address)
    as_oscar.send(
        address, {"first_name": "Amina  M.", "last_name": "Haddad", "zip_code": "", "language": "ar", "was": was}
    )
    person = again()
    assert (person.first_name, person.language, person.zip_code) == ("Amina M.", "ar", "")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "edit")).one()
    assert entry.changes["profile"]["zip_code"] == ["02116", ""]


def test_what_somebody_else_changed_meanwhile_is_shown_and_nothing_typed_is_lost(amina, as_oscar, as_alice):
    address = f"/staff/people/{amina.id}/edit"
    was = opened(as_oscar, address)
    as_alice.send(address, {"first_name": "Amina", "last_name": "Haddad-Lee", "language": "en", "was": was})
    page = as_oscar.send(address, {"first_name": "Amy", "last_name": "Haddad", "language": "en", "was": was}).text
    assert "Somebody else has changed this person" in page
    assert "Haddad-Lee" in page
    assert 'value="Amy"' in page
    assert again().first_name == "Amina"
    second = {"first_name": "Amy", "last_name": "Haddad-Lee", "language": "en", "was": field_was(page)}
    as_oscar.send(address, second)
    assert again().first_name == "Amy"


def test_an_overlong_field_is_named_and_kept(amina, as_oscar):
    page = as_oscar.send(f"/staff/people/{amina.id}/edit", {"zip_code": "1" * 33, "language": "en", "was": "{}"}).text
    assert "Field cannot be longer than 32 characters" in page
    assert "1" * 33 in page


def test_tags_come_and_go(amina, as_oscar):
    address = f"/staff/people/{amina.id}/tags"
    as_oscar.send(address, {"tag": "Board", "do": "add"})
    assert [tag.name for tag in again().tags] == ["Board"]
    as_oscar.send(address, {"tag": "Board", "do": "remove"})
    assert again().tags == []


def test_staff_unsubscribe_on_request_with_a_reason(amina, as_oscar):
    address = f"/staff/people/{amina.id}/unsubscribe"
    assert "Write down how the person asked" in as_oscar.send(address, {"topic": "*", "reason": ""}).text
    assert subscriptions.states(again())["research"] == "active"
    as_oscar.send(address, {"topic": "research", "reason": "By telephone."})
    assert subscriptions.states(again()) == {"research": "unsubscribed", "webinars": "pending"}
    as_oscar.send(address, {"topic": "*", "reason": "By telephone."})
    assert suppression.reasons("amina@mail.example")["*"] == "unsubscribe"
    record = db.session.scalars(select(ConsentRecord).order_by(ConsentRecord.id.desc())).first()
    assert (record.act, record.method, record.place) == ("withdrawn", "staff", "asked for: By telephone.")


def test_only_those_who_may_lift_a_bounce_and_what_was_left_stays_left(amina, as_oscar, as_alice):
    leaving.unsubscribe(amina, None, method="link")
    suppression.suppress("amina@mail.example", "hard_bounce")
    db.session.commit()
    address = f"/staff/people/{amina.id}/lift"
    assert as_oscar.post(address, data={"why": "x"}).status_code == 403
    assert "Address blocked" in as_alice.page(f"/staff/people/{amina.id}/").text
    assert "Write down the reason" in as_alice.send(address, {"why": ""}).text
    as_alice.send(address, {"why": "Wrote to us from this address on May 3."})
    assert suppression.reasons("amina@mail.example")["*"] == "unsubscribe"
    assert of([again()])[amina.id].word == "unsubscribed"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "lift")).one()
    assert entry.reason == "Wrote to us from this address on May 3."


@pytest.mark.parametrize("topics", [{}, {"research": "unsubscribed", "webinars": "pending"}])
def test_lifting_a_bounce_never_brings_somebody_back_who_left_all_mail(app, as_alice, topics):
    contact = factories.make_contact("left@mail.example", topics=topics)
    suppression.suppress("left@mail.example", "unsubscribe")
    suppression.suppress("left@mail.example", "hard_bounce")
    db.session.commit()
    as_alice.send(f"/staff/people/{contact.id}/lift", {"why": "The mailbox is there again."})
    assert suppression.reasons("left@mail.example")["*"] == "unsubscribe"
    export = action_network(("left@mail.example", "subscribed"))
    assert bring_in(export, consent="Paper form of May 2023.")["kept_out"] == 1
    assert "active" not in topics_of("left@mail.example").values()


def test_after_a_lifted_bounce_an_active_subscription_gets_mail_again(amina, as_alice):
    suppression.suppress("amina@mail.example", "hard_bounce")
    db.session.commit()
    as_alice.send(f"/staff/people/{amina.id}/lift", {"why": "The mailbox was full."})
    assert suppression.reasons("amina@mail.example") == {}
    assert of([again()])[amina.id].word == "active"


@pytest.mark.parametrize("reason", ["unsubscribe", "complaint"])
def test_an_unsubscribe_or_a_complaint_is_never_lifted_by_staff(amina, as_alice, reason):
    suppression.suppress("amina@mail.example", reason)
    db.session.commit()
    page = as_alice.send(f"/staff/people/{amina.id}/lift", {"why": "They would like it."}).text
    assert "Only a hard bounce can be lifted" in page
    assert suppression.reasons("amina@mail.example") == {"*": reason}


def opened(browser, address: str) -> str:
    return field_was(browser.page(address).text)


def field_was(page: str) -> str:
    tag = next(part for part in page.split("<input") if 'name="was"' in part)
    return tag.split('value="')[1].split('"')[0].replace("&#34;", '"')


def test_the_page_tells_who_brought_somebody_and_opens_whom_they_brought(amina, as_bob):
    now, code = clock.now(), amina.share_code
    by_link, old = sources.of_visit(Trail(via=code)), "old-code"
    factories.add(MergedContact(gone_id=9999, contact_id=amina.id, share_code=old, address="old@mail.example"))
    by_old = sources.of_visit(Trail(via=old, utm_source="chat"))
    bea = factories.make_contact("bea@mail.example", source_id=by_link, confirmed_at=now)
    factories.make_contact("carol@mail.example", source_id=by_old, confirmed_at=now)
    factories.make_contact("dina@mail.example", source_id=by_link)
    page = as_bob.page(f"/staff/people/{bea.id}/").text
    assert re.search(rf'Brought by</dt><dd><bdi><a href="/staff/people/{amina.id}/">Amina Haddad</a>', page)
    assert "Brought by sharing" not in page
    page = as_bob.page(f"/staff/people/{amina.id}/").text
    (url,) = re.findall(r'Brought by sharing</dt><dd><bdi><a href="([^"]+)">2</a>', page)
    people = as_bob.page(unescape(url)).text
    assert "bea@mail.example" in people and "carol@mail.example" in people
    assert "dina@" not in people and "amina@" not in people
