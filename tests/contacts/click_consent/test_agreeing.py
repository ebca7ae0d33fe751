"""The tick by which a subscriber lets us see which links they follow: off, in words, on record, taken back at will."""

import re

import pytest
from sqlalchemy import select

from crm.base import signing
from crm.contacts import wordings
from crm.contacts.click_consent import agreeing
from crm.contacts.models import ConsentRecord
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA


@pytest.fixture
def amina(app):
    contact = factories.make_contact(AMINA, topics={"action-alerts": "active"})
    db.session.commit()
    return contact


@pytest.fixture
def words(app):
    """What is asked in each language, reviewed."""
    for language in ("en", "es", "ar"):
        found = wordings.draft(language, wordings.proposal(language, "Bridgeway", "clicks"), "clicks")
        wordings.review(found, "Alice Admin")
        wordings.go_live(found)
    db.session.commit()


def link(contact, language="en"):
    return f"/preferences/{signing.sign('preferences', str(contact.id))}?lang={language}"


def save(client, contact, *, seen, language="en", asked=True):
    page = client.page(link(contact, language)).text
    shown = re.search(r'name="seen_asked" value="(\d+)"', page)
    data = {"topics": ["action-alerts"], "first_name": "Amina", "last_name": "H", "language": language}
    data |= {"seen_asked": shown[1]} if asked and shown else {}
    return client.send(link(contact, language), data | ({"seen": "y"} if seen else {}))


def records():
    db.session.expire_all()
    query = select(ConsentRecord).where(ConsentRecord.purpose == "clicks").order_by(ConsentRecord.id)
    return list(db.session.scalars(query))


def test_nobody_is_asked_before_somebody_has_reviewed_the_words(client, amina):
    wordings.draft("en", "You may watch me.", "clicks")
    db.session.commit()
    assert "seen_asked" not in client.page(link(amina)).text
    save(client, amina, seen=True)
    assert records() == [] and not agreeing.agreed(amina)


@pytest.mark.parametrize(
    ("language", "part"),
    [("en", "may see which links"), ("es", "puede ver qué enlaces"), ("ar", "الروابط التي أفتحها")],
)
def test_it_is_off_and_asked_in_the_language_of_the_page(client, amina, words, language, part):
    text = client.page(link(amina, language)).text
    assert part in text
    box = re.search(r'<input[^>]*name="seen"[^>]*>', text)
    assert box and "checked" not in box[0]


def test_the_words_that_were_read_are_on_record(client, amina, words):
    save(client, amina, seen=True, language="es")
    (record,) = records()
    assert (record.act, record.method, record.topics) == ("given", "preference_page", "")
    assert record.wording.text.startswith("Bridgeway puede ver")
    assert agreeing.agreed(amina)
    assert "checked" in re.search(r'<input[^>]*name="seen"[^>]*>', client.page(link(amina)).text)[0]


def test_saving_again_writes_nothing_new_and_unticking_takes_it_back(client, amina, words):
    save(client, amina, seen=True)
    save(client, amina, seen=True)
    save(client, amina, seen=False)
    assert [record.act for record in records()] == ["given", "withdrawn"]
    assert not agreeing.agreed(amina)


def test_a_form_that_did_not_ask_changes_nothing(client, amina, words):
    save(client, amina, seen=True)
    save(client, amina, seen=False, asked=False)
    assert agreeing.agreed(amina)


@pytest.mark.parametrize("forged", ["", "x", "99999", "9" * 30, "-1"])
def test_nobody_agrees_to_words_that_were_not_shown(client, amina, words, forged):
    data = {"topics": ["action-alerts"], "language": "en", "seen": "y", "seen_asked": forged}
    client.send(link(amina), data)
    assert not agreeing.agreed(amina)


def test_it_stands_in_the_way_of_no_undoing(client, amina, words):
    save(client, amina, seen=True)
    page = client.send(link(amina), {"leave": "all"})
    undo = re.search(r'name="undo" value="([^"]+)"', page.text)[1]
    save(client, amina, seen=False)
    client.send(link(amina).replace("?", "/undo?"), {"undo": undo})
    db.session.expire_all()
    assert [s.state for s in amina.subscriptions] == ["active"]


def test_staff_keep_the_proposals_and_stand_for_them(as_alice, amina):
    page = as_alice.page("/staff/settings/consent?purpose=clicks").text
    assert "may see which links in its e-mail" in page and "Aceptamos" not in page
    text = wordings.proposal("en", "Bridgeway Coalition", "clicks")
    as_alice.send("/staff/settings/consent?purpose=clicks", {"language": "en", "text": text})
    draft = wordings.draft("en", text, "clicks")
    assert draft.id and wordings.current("en", "clicks") is None
    as_alice.send(f"/staff/settings/consent/{draft.id}", {"reviewed_by": "Alice Admin"})
    db.session.expire_all()
    assert wordings.current("en", "clicks").text == text
    assert wordings.current("en").text == "I agree to get e-mail. (en)"
    as_alice.page("/staff/settings/consent?purpose=nonsense", status=404)
