"""Tests go to reviewers, as a chosen contact would get it, and harm nobody's subscription."""

import pytest

from crm.base import wall_clock
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import checks, composing, scheduling
from crm.mailings.models import Mailing, MailingText
from crm.mailings.trials import sending
from crm.mailings.trials.models import MailingTest
from tests import factories
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.test_staff import typed

HOSTILE = 'See <b>this</b> {{ unsubscribe_url }} {{ nonsense | }} "quoted"'


def post(browser, mailing, **values):
    return browser.send(f"/staff/mailings/{mailing.id}/test", {f"test-{name}": value for name, value in values.items()})


def addresses():
    return sorted(row.address for row in db.session.query(Delivery))


def test_a_test_goes_to_the_reviewer_filled_in_as_the_contact_and_can_unsubscribe_nobody(app):
    amina = make_people(1, first_name="Amina<b>")[0]
    mailing = make_mailing(subject="For {{ first_name }}")
    sending.send(mailing, ["alice@bridgeway.example"], amina)
    db.session.commit()
    delivery = db.session.query(Delivery).one()
    message = db.session.get(Message, delivery.message_id)
    assert delivery.address == "alice@bridgeway.example"
    assert delivery.contact_id is None
    assert delivery.merge["first_name"] == "Amina<b>"
    assert message.subject.startswith("[Test] For")
    assert message.kind == "transactional"
    assert "http://crm.example/test-link" in message.html
    assert "unsubscribe_url" not in message.html + message.text


def test_a_test_that_could_not_be_sent_says_why(app):
    mailing = make_mailing(body="{{ first_name | upper }}")
    with pytest.raises(checks.NotReady):
        sending.send(mailing, ["alice@bridgeway.example"], None)
    assert db.session.query(Delivery).count() == 0


def test_several_reviewers_get_it_at_once_each_one_copy(as_alice, alice, oscar, sink, deliver):
    person = make_people(1)[0]
    mailing = make_mailing()
    to = "Eve@Friends.example, oscar@bridgeway.example\nben@friends.example"
    page = post(as_alice, mailing, reviewers=[alice.id, oscar.id], to=to, as_contact=person.email, note="Is it right?")
    assert "on its way to 4 reviewers" in page.text
    deliver()
    everybody = ["alice@bridgeway.example", "ben@friends.example", "eve@friends.example", "oscar@bridgeway.example"]
    assert addresses() == everybody
    for address in everybody:
        assert "Is it right?" in sink[address].html
        assert sink[address].text.startswith("Is it right?")
        assert "Dear Amina" in sink[address].text
        assert address in page.text
    assert "4 reviewers were sent a test of this version" in page.text


def test_what_a_note_holds_stays_words(as_alice, alice, sink, deliver):
    mailing = make_mailing()
    post(as_alice, mailing, reviewers=[alice.id], note=HOSTILE)
    deliver()
    mail = sink["alice@bridgeway.example"]
    assert "See &lt;b&gt;this&lt;/b&gt; {{ unsubscribe_url }}" in mail.html
    assert HOSTILE in mail.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a reviewer, or write an address"),
        ({"to": "nobody"}, "is not an e-mail address"),
        ({"to": "somebody@localhost"}, "is no e-mail address"),
        ({"to": "a@b.example\r\nBcc: eve@evil.example"}, "is not an e-mail address"),
        ({"to": " ".join(f"p{number}@friends.example" for number in range(21))}, "20 addresses at most"),
        ({"to": "a@b.example", "as_contact": "stranger@mail.example"}, "There is no contact of that address"),
        ({"reviewers": ["999"]}, "a valid choice for this field"),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(as_alice, values, words):
    mailing = make_mailing()
    page = post(as_alice, mailing, note="My note", **values)
    assert "There is a problem" in page.text
    assert words in page.text
    assert "My note</textarea>" in page.text
    assert addresses() == []


@pytest.mark.usefixtures("one_hour")
def test_tests_are_limited_by_person_and_by_address(as_alice, monkeypatch):
    monkeypatch.setattr(sending, "MOST_TO_ONE", 2)
    monkeypatch.setattr(sending, "MOST_AN_HOUR", 4)
    mailing = make_mailing()
    for _ in range(2):
        post(as_alice, mailing, to="eve@friends.example")
    assert "eve@friends.example got 2 tests within an hour" in post(as_alice, mailing, to="eve@friends.example").text
    post(as_alice, mailing, to="ben@friends.example, dan@friends.example")
    assert "You have sent 4 tests within an hour" in post(as_alice, mailing, to="fay@friends.example").text
    assert addresses() == ["ben@friends.example", "dan@friends.example", "eve@friends.example", "eve@friends.example"]


def test_a_test_holds_for_the_version_that_it_shows(as_alice, alice):
    make_people(1)
    mailing = make_mailing()
    url = f"/staff/mailings/{mailing.id}"
    assert "Nobody has seen a test of this version yet." in as_alice.page(f"{url}/review").text
    post(as_alice, mailing, reviewers=[alice.id])
    assert "One reviewer was sent a test of this version" in as_alice.page(f"{url}/review").text
    scheduling.schedule(mailing, wall_clock.plan("2099-01-01T09:00", "UTC"))
    db.session.commit()
    as_alice.send(f"{url}/take-back")
    assert "One reviewer was sent a test of this version" in as_alice.page(f"{url}/review").text
    version = db.session.query(Mailing.version).scalar()
    as_alice.send(f"{url}/edit", typed(subject="Changed", version=version))
    assert "yet. It was changed since the last one." in as_alice.page(f"{url}/review").text


def test_as_a_contact_it_is_in_the_language_of_that_contact(app):
    ines = make_people(1, language="es")[0]
    mailing = make_mailing()
    mailing.texts = [MailingText(language="es", subject="Las licencias", body="Hola {{ first_name }}", blocks=[])]
    db.session.commit()
    sending.send(mailing, ["alice@bridgeway.example"], ines)
    assert db.session.query(Message.subject).scalar() == "[Test] Las licencias"


def test_a_viewer_sends_no_test_but_is_offered_as_a_reviewer(as_bob, as_alice, alice):
    mailing = make_mailing()
    assert as_bob.post(f"/staff/mailings/{mailing.id}/test").status_code == 403
    assert "Bob Viewer" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    factories.make_user("organizer", email="gone@bridgeway.example", name="Gone Long", active=False)
    assert "Gone Long" not in as_alice.page(f"/staff/mailings/{mailing.id}/review").text


def test_who_asked_to_be_forgotten_is_forgotten_here_too(app):
    person = make_people(1)[0]
    mailing = make_mailing()
    sending.send(mailing, [person.email, "alice@bridgeway.example"], None)
    sending.forget(person.id)
    db.session.commit()
    assert [test.address for test in db.session.query(MailingTest)] == ["alice@bridgeway.example"]


def test_a_deleted_draft_takes_its_tests_along(app):
    mailing = make_mailing()
    sending.send(mailing, ["alice@bridgeway.example"], None)
    composing.delete(mailing)
    db.session.commit()
    assert db.session.query(MailingTest).count() == 0
