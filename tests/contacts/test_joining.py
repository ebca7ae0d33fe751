"""Double opt-in: links open pages, buttons act, and each link does its work once."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock, registries, signing
from crm.contacts.models import Source, TimelineEntry
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.people import (
    AMINA,
    confirm_path,
    filled_in,
    mails,
    path,
    person,
    records,
    sign_ups,
    topics_of,
)


def later(**span):
    return time_machine.travel(clock.now() + timedelta(**span), tick=False)


def test_a_link_proves_the_address_that_it_was_sent_to_and_no_other_that_stands_on_record_since(client):
    filled_in(client)
    link, contact = confirm_path(), person()
    contact.email = "other@mail.example"
    db.session.commit()
    client.page(link, status=410)
    client.send(link, status=410)
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        client.send(f"{link}/again", status=410)
    assert mails("other@mail.example") == [] and topics_of("other@mail.example") == {"action-alerts": "pending"}


def test_the_page_that_thanks_leads_to_the_preferences_for_an_hour_alone(client):
    filled_in(client)
    page = client.send(confirm_path())
    assert "Change your topics" in page.text and "not the address of this page" in page.text
    with later(minutes=61):
        passed_on = client.page(page.request.path).text
    assert "/preferences/" not in passed_on and "this link is yours" in passed_on


def test_the_button_confirms_and_everything_is_on_record(client):
    filled_in(client, topics=["research", "webinars"], first_name="Amina", zip_code="٠٢١١٠")
    assert "Research" in client.page(confirm_path()).text
    assert topics_of() == {"research": "pending", "webinars": "pending"}
    page = client.send(confirm_path())
    assert "Thank you" in page.text
    contact = person()
    assert f"http://crm.example/?via={contact.share_code}" in page.text
    assert topics_of() == {"research": "active", "webinars": "active"}
    assert (contact.first_name, contact.zip_code) == ("Amina", "02110")
    assert contact.confirmed_at is not None
    record = records()[0]
    assert (record.act, record.method, record.topics, record.place, record.ip) == (
        "given",
        "double_opt_in",
        "research webinars",
        "/signup",
        "203.0.113.0/24",
    )
    assert record.wording.text == "I agree to get e-mail. (en)"
    kinds = [entry.kind for entry in db.session.query(TimelineEntry).filter_by(contact_id=contact.id)]
    assert sorted(kinds) == ["consent", "sign_up"]
    assert [subject for subject, _ in mails()][-1] == "Welcome to Bridgeway Coalition"


def test_robots_that_open_links_confirm_nothing(client):
    filled_in(client)
    link = confirm_path()
    for _ in range(20):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(link, method=method)
    assert topics_of() == {"action-alerts": "pending"}
    assert records() == []


def test_pressing_the_button_twice_confirms_once(client):
    filled_in(client)
    for _ in range(2):
        assert "Thank you" in client.send(confirm_path()).text
    assert len(records()) == 1
    assert len(mails()) == 2
    assert "already confirmed" in client.page(confirm_path()).text


def test_an_expired_link_offers_a_new_one(client):
    filled_in(client)
    old = confirm_path()
    with later(days=8):
        assert "has expired" in client.page(old, 410).text
        assert client.post(old).status_code == 410
        client.send(f"{old}/again")
        assert len(mails()) == 2
        assert "Thank you" in client.send(confirm_path()).text
    assert topics_of() == {"action-alerts": "active"}


def test_a_new_link_cannot_be_had_without_end(client):
    filled_in(client)
    link = confirm_path()
    with later(days=8):
        for minute in range(9):
            with later(minutes=minute):
                client.post(f"{link}/again")
    assert len(mails()) == 4


@pytest.mark.parametrize("other", ["unsubscribe", "preferences", "sign_up_form"])
def test_a_forged_link_or_one_for_another_purpose_leads_to_a_clear_page(client, other):
    filled_in(client)
    for token in ("nonsense", "a.b", signing.sign(other, "1"), signing.sign(other, "1", dated=True)):
        assert "does not work" in client.page(f"/confirm/{token}", 404).text
        assert client.post(f"/confirm/{token}").status_code == 404
    assert topics_of() == {"action-alerts": "pending"}


def test_a_link_to_a_forgotten_sign_up_says_so(client):
    assert "no longer in use" in client.page(f"/confirm/{signing.sign('confirm', '99', dated=True)}", 410).text


def test_only_a_new_double_opt_in_lifts_an_unsubscribe(client):
    factories.make_contact(AMINA, topics={"action-alerts": "unsubscribed", "research": "unsubscribed"})
    suppression.suppress(AMINA, "unsubscribe")
    db.session.commit()
    filled_in(client, topics=["research"])
    assert suppression.blocks(AMINA, "research", "bulk")
    client.send(confirm_path())
    assert topics_of() == {"action-alerts": "unsubscribed", "research": "active"}
    assert not suppression.blocks(AMINA, "research", "bulk")
    assert suppression.blocks(AMINA, "action-alerts", "bulk")


def test_a_confirmation_never_lifts_a_bounce(client):
    filled_in(client)
    link = confirm_path()
    suppression.suppress(AMINA, "hard_bounce")
    db.session.commit()
    client.send(link)
    assert suppression.blocks(AMINA, "action-alerts", "transactional")


@pytest.mark.parametrize(("language", "words"), [("es", "es"), ("ar", "ar")])
def test_mail_and_pages_keep_the_language_of_the_sign_up(client, language, words):
    filled_in(client, url=f"/signup?lang={language}", language=language)
    stranger = client.application.test_client()
    assert f'<html lang="{language}"' in stranger.page(confirm_path()).text
    stranger.send(confirm_path())
    assert person().language == language


def test_a_confirmed_sign_up_counts_once_under_its_source(client):
    factories.make_organization("Harbor House", is_member=True, via="harbor")
    db.session.commit()
    day = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    filled_in(client, url="/signup?via=harbor")
    metric = registries.metrics["confirmed_sign_ups"]
    assert metric.count(*day) == 0
    for _ in range(2):
        client.send(confirm_path())
    assert metric.count(*day) == 1
    assert [(source, count) for _, source, count, _ in metric.by_day(*day)] == [("Harbor House", 1)]


def test_a_known_person_keeps_the_first_source_and_gets_the_new_name(client):
    old = Source(digest="x", kind="import", label="Old list")
    db.session.add(old)
    factories.make_contact(AMINA, first_name="A.", source=old, topics={"action-alerts": "active"})
    db.session.commit()
    filled_in(client, first_name="Amina", topics=["research"])
    client.send(confirm_path())
    assert (person().first_name, person().source.label) == ("Amina", "Old list")


def test_two_open_sign_ups_of_one_address_can_both_be_confirmed(client):
    filled_in(client, topics=["research"])
    first = confirm_path()
    filled_in(client, topics=["webinars"])
    client.send(confirm_path())
    client.send(first)
    assert topics_of() == {"research": "active", "webinars": "active"}
    assert [s.state for s in sign_ups()] == ["confirmed", "confirmed"]


def test_a_share_link_brings_its_code_to_the_form(client):
    filled_in(client)
    share = path(client.send(confirm_path()).text.split('id="share-link">')[1].split("<")[0])
    filled_in(client, "friend@mail.example", url="/signup" + share.removeprefix("/"), network="198.51.100.1")
    source = db.session.get(Source, sign_ups()[-1].source_id)
    assert (source.kind, source.code) == ("supporter", person().share_code)
