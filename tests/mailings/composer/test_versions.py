"""A mailing in several languages: who gets which, and how each is written."""

import re

from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings.composer import versions
from crm.mailings.models import Mailing, MailingText
from tests.mailings.composer.makers import form_of, heading, make_blocks
from tests.mailings.makers import make_people


def only() -> Mailing:
    db.session.rollback()
    return db.session.query(Mailing).one()


def url(mailing, page="edit"):
    return f"/staff/mailings/{mailing.id}/{page}"


def add(as_alice, mailing, language, **typed):
    return as_alice.send(url(mailing), form_of(as_alice.page(url(mailing)).text) | {"then": f"add:{language}", **typed})


def test_a_version_begins_as_a_copy_of_what_was_typed(as_alice):
    mailing = make_blocks(heading("One"))
    page = add(as_alice, mailing, "ar", subject="Just typed")
    assert "There is a version in Arabic now" in page.text
    assert '<html lang="en" dir="ltr"' in page.text
    assert re.search(r'<input[^>]* dir="rtl"[^>]* lang="ar"[^>]* name="subject"', page.text)
    (one,) = only().texts
    assert (one.language, one.subject, one.blocks[0]["text"]) == ("ar", "Just typed", "One")
    assert only().subject == "Just typed"


def test_each_version_is_written_for_itself(as_alice):
    mailing = make_blocks(heading("One"))
    add(as_alice, mailing, "es")
    sent = form_of(as_alice.page(url(mailing, "edit?text=es")).text)
    assert "topic_id" not in sent
    as_alice.send(url(mailing, "edit?text=es"), sent | {"subject": "Hola", "b.0.text": "Uno"})
    assert (only().subject, only().blocks[0]["text"]) == ("Licensing moves", "One")
    assert (only().texts[0].subject, only().texts[0].blocks[0]["text"]) == ("Hola", "Uno")


def test_the_page_says_how_many_get_which(as_alice):
    make_people(3, language="en")
    make_people(2, language="es")
    make_people(1, language="ar")
    mailing = make_blocks(heading("One"))
    assert versions.counts(mailing) == {"en": 6}
    page = add(as_alice, mailing, "es")
    assert "2 who chose Spanish get that version." in page.text
    assert "All others, 4, get the one in English." in page.text


def test_preview_and_test_speak_the_language_of_the_contact(as_alice):
    person = make_people(1, language="es")[0]
    mailing = make_blocks(heading("In English"))
    add(as_alice, mailing, "es")
    sent = form_of(as_alice.page(url(mailing, "edit?text=es")).text)
    as_alice.send(url(mailing, "edit?text=es"), sent | {"subject": "Hola", "b.0.text": "En español"})
    assert "En español" in as_alice.get(url(mailing, f"preview?as_contact={person.email}")).text
    assert "In English" in as_alice.get(url(mailing, "preview")).text
    assert "En español" in as_alice.get(url(mailing, "preview?text=es")).text
    as_alice.send(url(mailing, "test"), {"test-to": "alice@bridgeway.example", "test-as_contact": person.email})
    message = db.session.get(Message, db.session.query(Delivery).one().message_id)
    assert message.subject == "[Test] Hola"


def test_a_version_is_removed_and_the_history_keeps_it(as_alice):
    mailing = make_blocks(heading("One"))
    add(as_alice, mailing, "es")
    assert "The version is removed" in as_alice.send(url(mailing, "texts/es/remove")).text
    assert only().texts == []
    assert "Español removed" in as_alice.page(url(mailing, "history")).text


def test_what_is_typed_in_a_version_that_another_removed_is_not_lost(as_alice, as_oscar):
    mailing = make_blocks(heading("One"))
    add(as_alice, mailing, "es")
    sent = form_of(as_alice.page(url(mailing, "edit?text=es")).text) | {"b.0.text": "Uno"}
    as_oscar.send(url(mailing, "texts/es/remove"))
    page = as_alice.send(url(mailing, "edit?text=es"), sent)
    assert "Somebody else saved" in page.text
    as_alice.send(url(mailing, "edit?text=es"), form_of(page.text))
    assert only().texts[0].blocks[0]["text"] == "Uno"


def test_the_main_language_is_none_of_the_versions(as_alice):
    mailing = make_blocks(heading("One"))
    add(as_alice, mailing, "es")
    page = as_alice.send(url(mailing), form_of(as_alice.page(url(mailing)).text) | {"language": "es"})
    assert "There is a version in Español already" in page.text
    assert only().language == "en"
    add(as_alice, mailing, "es")
    assert db.session.query(MailingText).count() == 1
