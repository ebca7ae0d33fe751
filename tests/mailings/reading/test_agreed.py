"""Of those who agreed to be seen, and of nobody else, it is known which links they follow; until they take it back."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock, wall_clock
from crm.contacts import wordings
from crm.contacts.click_consent import agreeing
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import uniting
from crm.contacts.models import ConsentRecord
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import releasing, scheduling
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.reading.models import ClickVisitor, PersonalClick
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.reading.people import AMINA, BAO


def agree(person):
    words = wordings.draft("en", "You may see which links I follow.", agreeing.PURPOSE)
    words.reviewed_at = clock.now()
    agreeing.choose(person, True, wording=words, method="preference_page", place="test", ip="")
    db.session.commit()


def send(deliver, **values) -> Mailing:
    mailing = make_mailing(**values)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    deliver()
    return mailing


def counted_links(sink, person) -> list[str]:
    return re.findall(r"http://crm\.example(/c/[\w.~-]+)", sink[person.email].text)


@pytest.fixture
def people(app):
    return make_people(2)


@pytest.fixture
def mailing(people, sink, deliver) -> Mailing:
    """Sent to two, one of whom agreed; it is an hour later now."""
    agree(people[0])
    sent = send(deliver)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        yield sent


def known(mailing) -> list[tuple[int, int]]:
    db.session.rollback()
    db.session.expire_all()
    return [(one.contact_id, one.clicks) for one in db.session.scalars(clicks.who(mailing))]


def test_where_nobody_agreed_all_get_the_same_links(people, sink, deliver):
    mailing = send(deliver)
    assert counted_links(sink, people[0]) == counted_links(sink, people[1])
    message = db.session.get_one(Message, mailing.message_ids[0])
    assert "click_mark" not in message.html + message.text


def test_only_the_copy_of_who_agreed_has_links_of_its_own(mailing, people, sink):
    seen, unseen = (counted_links(sink, person) for person in people)
    assert all("~" in link for link in seen) and not any("~" in link for link in unseen)
    assert [link.partition("~")[0] for link in seen] == unseen
    values = [copy.merge["click_mark"] for copy in db.session.scalars(select(Delivery).order_by(Delivery.contact_id))]
    assert values[0].startswith("~") and values[1] == ""


def test_it_is_known_who_of_them_followed_what(client, mailing, people, sink, as_alice):
    first, second = (counted_links(sink, person)[0] for person in people)
    client.get(first, headers=AMINA)
    client.get(second, headers=BAO)
    assert known(mailing) == [(people[0].id, 1)]
    found = clicks.of(mailing)
    assert (found.total, found.unique, found.known) == (2, 2, 1)
    text = as_alice.page(f"/staff/mailings/{mailing.id}/report/clicked").text
    assert people[0].name in text and people[1].name not in text
    assert "1 more was counted without a name" in text
    assert f"/staff/mailings/{mailing.id}/report/clicked" in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_their_links_followed_seconds_after_the_mail_came_are_a_robots(client, people, sink, deliver):
    agree(people[0])
    sent = send(deliver)
    client.get(counted_links(sink, people[0])[0], headers=AMINA)
    assert known(sent) == [] and clicks.of(sent).robots == 1


def test_all_links_of_their_copy_at_once_are_a_robots(client, mailing, people, sink):
    for link in counted_links(sink, people[0]):
        client.get(link, headers=AMINA)
    assert known(mailing) == []
    assert (clicks.of(mailing).total, clicks.of(mailing).robots) == (0, 2)


def test_who_takes_it_back_is_forgotten_at_once_and_counted_without_a_name(client, mailing, people, sink):
    link = counted_links(sink, people[0])[0]
    client.get(link, headers=AMINA)
    agreeing.choose(people[0], False, wording=None, method="preference_page", place="test", ip="")
    db.session.commit()
    assert known(mailing) == [] and db.session.query(ClickVisitor).count() == 0
    assert client.get(link, headers=AMINA).status_code == 302
    assert known(mailing) == [] and clicks.of(mailing).total == 2
    acts = list(db.session.scalars(select(ConsentRecord.act).where(ConsentRecord.purpose == "clicks")))
    assert acts == ["given", "withdrawn"]


def test_who_is_forgotten_leaves_only_numbers(client, mailing, people, sink):
    client.get(counted_links(sink, people[0])[0], headers=AMINA)
    db.session.rollback()
    forgetting.forget(people[0], "mail")
    db.session.commit()
    assert db.session.query(PersonalClick).count() == 0
    assert clicks.of(mailing).total == 1


def test_two_records_that_become_one_keep_the_clicks_where_both_agreed(client, people, sink, deliver, alice):
    for person in people:
        agree(person)
    mailing = send(deliver)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        for person, who in zip(people, (AMINA, BAO), strict=True):
            client.get(counted_links(sink, person)[0], headers=who)
        uniting.merge(people[0].id, people[1].id, [], alice)
        db.session.commit()
    assert known(mailing) == [(people[0].id, 2)]


def test_no_merge_makes_somebody_seen_who_did_not_agree(client, mailing, people, sink, alice):
    client.get(counted_links(sink, people[0])[0], headers=AMINA)
    uniting.merge(people[1].id, people[0].id, [], alice)
    db.session.commit()
    assert known(mailing) == []
    assert not agreeing.agreed(people[1])


def test_freezing_again_gives_nobody_a_second_copy(mailing):
    assert releasing.freeze(mailing.id) == 0
