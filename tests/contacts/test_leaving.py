"""Leaving is one press, taking it back another, and a look at the page is neither."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock, signing
from crm.contacts import leaving
from crm.contacts.models import TimelineEntry
from crm.delivery import outbox, suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, confirm_path, filled_in, hidden, mails, person, records, topics_of

ACTIVE = {"action-alerts": "active", "research": "active"}


@pytest.fixture
def amina(app):
    contact = factories.make_contact(AMINA, topics=ACTIVE)
    db.session.commit()
    return contact


def link(contact, list_id="research"):
    return f"/unsubscribe/{signing.sign('unsubscribe', f'{contact.id}:{list_id}')}"


def undo(client, page):
    return client.send(page.text.split('action="')[1].split('"')[0], {"undo": hidden(page.text)["undo"]})


def queued_copy(list_id):
    message = outbox.write("News", "<p>News</p>", "News", sender="a@b.example", kind="bulk", list_id=list_id)
    outbox.queue(message, AMINA)
    db.session.commit()
    return lambda: db.session.scalar(select(Delivery.state).where(Delivery.message_id == message.id))


def test_the_page_shows_two_buttons_and_changes_nothing(client, amina):
    page = client.page(link(amina))
    assert "Stop “Research”" in page.text and "Stop all e-mail" in page.text
    for method in ("GET", "HEAD", "OPTIONS"):
        client.open(link(amina), method=method)
    assert topics_of() == ACTIVE and records() == []


def test_one_topic_ends_and_its_queued_copies_with_it(client, amina):
    own, other = queued_copy("research"), queued_copy("action-alerts")
    page = client.send(link(amina), {"what": "topic"})
    assert "You no longer get: Research" in page.text
    assert topics_of() == {"action-alerts": "active", "research": "unsubscribed"}
    assert (own(), other()) == ("suppressed", "queued")
    assert suppression.blocks(AMINA, "research", "bulk") and not suppression.blocks(AMINA, "action-alerts", "bulk")
    assert not suppression.blocks(AMINA, "research", "transactional")
    record = records()[0]
    assert (record.act, record.topics, record.method) == ("withdrawn", "research", "unsubscribe_page")


def test_all_mail_ends_with_the_other_button(client, amina):
    copy = queued_copy("action-alerts")
    client.send(link(amina), {"what": "all"})
    assert topics_of() == {"action-alerts": "unsubscribed", "research": "unsubscribed"}
    assert copy() == "suppressed"
    assert suppression.blocks(AMINA, "webinars", "bulk")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_needs_no_cookie_and_leads_nowhere(client, amina, content_type):
    answer = client.post(link(amina), data={"List-Unsubscribe": "One-Click"}, content_type=content_type)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert topics_of()["research"] == "unsubscribed"
    assert topics_of()["action-alerts"] == "active"
    assert records()[0].method == "one_click"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("cookie", ["", "session=stale.or.foreign; __Host-session=x"])
def test_of_a_hundred_one_clicks_each_acts_at_once_without_login_cookie_or_a_token_against_forgery(
    app, content_type, cookie
):
    """RFC 8058 §3.2: the POST carries nothing but its one field, and mail providers follow no redirect."""
    app.config["WTF_CSRF_ENABLED"] = True
    people = [factories.make_contact(topics=ACTIVE) for _ in range(100)]
    db.session.commit()
    bare = app.test_client(use_cookies=False)
    for contact in people:
        head = {"Origin": "https://mail.provider.example", "Cookie": cookie} if cookie else {}
        answer = bare.post(
            link(contact), data={"List-Unsubscribe": "One-Click"}, content_type=content_type, headers=head
        )
        assert answer.status_code == 200
        assert not {"Location", "Set-Cookie", "Refresh"} & set(answer.headers.keys())
        assert suppression.reasons(contact.email) == {"research": "unsubscribe"}
    assert [topics_of(contact.email)["research"] for contact in people] == ["unsubscribed"] * 100
    assert [topics_of(contact.email)["action-alerts"] for contact in people] == ["active"] * 100


def test_one_click_for_all_lists_or_a_topic_that_is_gone_ends_everything(client, amina):
    client.post(link(amina, "*"), data={"List-Unsubscribe": "One-Click"})
    assert set(topics_of().values()) == {"unsubscribed"}


def test_one_click_for_a_contact_that_is_gone_is_answered_quietly(client, amina):
    gone = f"/unsubscribe/{signing.sign('unsubscribe', '999:research')}"
    assert client.post(gone, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.page(gone, 410)


def test_undo_restores_exactly_what_was_taken(client, amina):
    page = client.send(link(amina), {"what": "topic"})
    assert "subscribed again" in undo(client, page).text
    assert topics_of() == ACTIVE
    assert not suppression.blocks(AMINA, "research", "bulk")
    assert [record.act for record in records()] == ["withdrawn", "restored"]
    undo(client, page)
    assert len(records()) == 2


def test_undo_of_all_leaves_what_was_left_before(client, amina):
    client.send(link(amina), {"what": "topic"})
    undo(client, client.send(link(amina), {"what": "all"}))
    assert topics_of() == {"action-alerts": "active", "research": "unsubscribed"}
    assert suppression.blocks(AMINA, "research", "bulk")
    assert not suppression.blocks(AMINA, "action-alerts", "bulk")


def test_leaving_twice_still_offers_the_undo_of_the_first_time(client, amina):
    client.send(link(amina), {"what": "topic"})
    page = client.send(link(amina), {"what": "topic"})
    assert len(records()) == 1
    undo(client, page)
    assert topics_of() == ACTIVE


def test_undo_ends_after_thirty_minutes(client, amina):
    page = client.send(link(amina), {"what": "all"})
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
        assert "cannot be taken back" in undo(client, page).text
    assert set(topics_of().values()) == {"unsubscribed"}


def test_undo_does_not_overtake_what_was_decided_since(client, amina):
    page = client.send(link(amina), {"what": "topic"})
    client.send(link(amina), {"what": "all"})
    assert "cannot be taken back" in undo(client, page).text
    assert set(topics_of().values()) == {"unsubscribed"}


def test_undo_works_for_nobody_else(client, amina):
    other = factories.make_contact("other@mail.example", topics=ACTIVE)
    db.session.commit()
    page = client.send(link(amina), {"what": "all"})
    theirs = f"/preferences/{signing.sign('preferences', str(other.id))}/undo"
    client.send(theirs, {"undo": hidden(page.text)["undo"]})
    assert set(topics_of().values()) == {"unsubscribed"}
    assert client.post(theirs, data={"undo": "forged"}).status_code == 404


def test_leaving_makes_older_confirmation_links_worthless(client):
    filled_in(client, topics=["research"])
    old = confirm_path()
    filled_in(client, topics=["webinars"])
    client.send(confirm_path())
    client.send(link(person(), "*"), {"what": "all"})
    assert client.post(old).status_code == 410
    assert topics_of() == {"research": "unsubscribed", "webinars": "unsubscribed"}


def test_a_reason_may_be_told(client, amina):
    page = client.send(link(amina), {"what": "all"})
    address = page.text.split('action="')[2].split('"')[0]
    assert "Thank you for telling us" in client.send(address, {"reason": "too_many"}).text
    entry = db.session.scalars(select(TimelineEntry).filter_by(kind="reason")).one()
    assert entry.title == "Reason for leaving: too many"


def test_a_forged_link_changes_nothing(client, amina):
    good = link(amina)
    for bad in (good[:-2], good + "x", link(amina).replace("/unsubscribe/", "/unsubscribe/x")):
        assert client.post(bad, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    swapped = f"/unsubscribe/{signing.sign('preferences', f'{amina.id}:research')}"
    assert client.post(swapped).status_code == 404
    assert topics_of() == ACTIVE


def test_unsubscribing_never_blocks_a_confirmation(client, amina):
    client.send(link(amina), {"what": "all"})
    filled_in(client)
    assert mails()[-1][0] == "Please confirm your e-mail address"


@pytest.mark.parametrize(("language", "direction"), [("es", "ltr"), ("ar", "rtl")])
def test_the_page_speaks_the_language_of_the_person(client, language, direction):
    contact = factories.make_contact(AMINA, language=language, topics=ACTIVE)
    db.session.commit()
    assert f'lang="{language}" dir="{direction}"' in client.page(link(contact)).text


def test_leaving_again_much_later_offers_no_undo_of_the_first_time(amina):
    record = leaving.unsubscribe(amina, None, method="unsubscribe_page")
    record.at = clock.now() - timedelta(days=700)
    db.session.commit()
    again = leaving.unsubscribe(amina, None, method="unsubscribe_page")
    assert not leaving.can_undo(again)
    with pytest.raises(leaving.Overtaken):
        leaving.undo(leaving.undo_token(again), amina)
