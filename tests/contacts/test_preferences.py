"""The preference page changes what its own person ticks, and nothing else."""

import pytest

from crm.base import signing
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, confirm_path, mails, person, records, topics_of


@pytest.fixture
def amina(app):
    contact = factories.make_contact(AMINA, topics={"action-alerts": "active"}, last_name="Haddad")
    db.session.commit()
    return contact


def link(contact):
    return f"/preferences/{signing.sign('preferences', str(contact.id))}"


def choose(client, contact, *topics, **values):
    data = {"topics": list(topics), "first_name": "Amina", "last_name": "Haddad", "language": "en", **values}
    return client.send(link(contact), data)


def test_the_page_shows_what_is_chosen_and_changes_nothing(client, amina):
    text = client.page(link(amina)).text
    assert 'checked id="topics-0"' in text
    assert text.count("checked") == 1
    assert "I agree to get e-mail. (en)" in text
    client.head(link(amina))
    assert topics_of() == {"action-alerts": "active"} and records() == []


def test_a_new_topic_is_consent_by_the_wording_of_the_page(client, amina):
    choose(client, amina, "action-alerts", "research")
    assert topics_of() == {"action-alerts": "active", "research": "active"}
    record = records()[0]
    assert (record.act, record.method, record.topics) == ("given", "preference_page", "research")
    assert record.wording.text == "I agree to get e-mail. (en)"


def test_an_unticked_topic_ends(client, amina):
    choose(client, amina)
    assert topics_of() == {"action-alerts": "unsubscribed"}
    assert suppression.blocks(AMINA, "action-alerts", "bulk")


def test_a_topic_once_left_comes_back_only_by_a_new_confirmation(client, amina):
    choose(client, amina)
    page = choose(client, amina, "action-alerts")
    assert "press the button in the mail" in page.text
    assert topics_of() == {"action-alerts": "unsubscribed"}
    client.send(confirm_path())
    assert topics_of() == {"action-alerts": "active"}
    assert not suppression.blocks(AMINA, "action-alerts", "bulk")


def test_name_and_language_change_and_the_page_follows(client, amina):
    page = choose(client, amina, "action-alerts", first_name="Amīna", language="ar")
    assert 'lang="ar" dir="rtl"' in page.text
    assert (person().first_name, person().last_name, person().language) == ("Amīna", "Haddad", "ar")


def test_a_choice_that_does_not_exist_is_refused_and_nothing_lost(client, amina):
    data = {"topics": ["nonsense"], "first_name": "Changed", "language": "en"}
    response = client.send(link(amina), data, status=422)
    assert 'value="Changed"' in response.text
    assert topics_of() == {"action-alerts": "active"} and person().first_name == "Amina"


def test_leaving_all_ends_everything_and_can_be_undone(client, amina):
    page = client.send(link(amina), {"leave": "all"})
    assert "You are unsubscribed" in page.text
    assert topics_of() == {"action-alerts": "unsubscribed"}
    assert records()[0].evidence["all"] is True


def test_others_are_not_touched(client, amina):
    factories.make_contact("other@mail.example", topics={"research": "active"})
    db.session.commit()
    choose(client, amina, "webinars", first_name="X")
    assert topics_of("other@mail.example") == {"research": "active"}
    assert person("other@mail.example").first_name == "Amina"


def test_an_internal_topic_shows_only_to_who_gets_it(client, amina):
    factories.make_topic("members-only", public=False, en="Members only")
    other = factories.make_contact("member@mail.example", topics={"members-only": "active"})
    db.session.commit()
    assert "Members only" in client.page(link(other)).text
    assert "Members only" not in client.page(link(amina)).text
    assert choose(client, amina, "action-alerts", status="").status_code == 200
    response = client.post(link(amina), data={"topics": ["members-only"], "language": "en"})
    assert response.status_code == 422


def test_a_hostile_name_is_printed_as_text(client, amina):
    page = choose(client, amina, "action-alerts", first_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_a_link_for_another_purpose_does_not_open_it(client, amina):
    assert client.get(f"/preferences/{signing.sign('unsubscribe', str(amina.id))}").status_code == 404
    assert client.get(f"/preferences/{signing.sign('preferences', '999')}").status_code == 410


def test_no_mail_is_sent_for_a_topic_that_was_never_left(client, amina):
    choose(client, amina, "action-alerts", "research")
    assert mails() == []
