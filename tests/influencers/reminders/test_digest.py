"""The digest of due asks: what it names, to whom and when."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.reminders import digest
from tests import factories

MORNING = datetime(2026, 6, 10, 13, tzinfo=UTC)  # Nine in New York.
TODAY = date(2026, 6, 10)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def due(day, owner, title="Speak", **values):
    ask = factories.make_ask(title=title, owner_id=owner.id, due_on=day, **values)
    db.session.commit()
    return ask


def digests():
    """Send what is due, and return to whom and which titles each new digest named."""
    before = {row.id for row in db.session.query(Delivery)}
    digest.send_due()
    db.session.commit()
    news = [row for row in db.session.query(Delivery).order_by(Delivery.id) if row.id not in before]
    return [(row.address, sorted(text for name, text in row.merge.items() if "_title_" in name)) for row in news]


def test_an_owner_gets_one_mail_that_names_what_is_due_soon_and_late(oscar, alice, sink, deliver):
    soon = due(date(2026, 6, 13), oscar, "Speak at the forum")
    due(date(2026, 6, 14), oscar, "Not yet")
    due(date(2026, 6, 9), oscar, "Endorse the bill")
    due(TODAY, alice, "Fund a study")
    digests()
    deliver()
    letter = sink[oscar.email]
    assert letter.subject == "1 ask is due soon, 1 ask is late"
    for part in (letter.text, letter.html):
        for words in (
            "Speak at the forum",
            "due in 3 days, Sat, Jun 13, 2026",
            "Endorse the bill",
            "1 day late, was due Tue, Jun 9, 2026",
            f"http://crm.example/staff/asks/{soon.id}",
            "Iris Influential",
            "Oscar Organizer",
        ):
            assert words in part
        assert "Not yet" not in part and "Fund a study" not in part
    assert f"http://crm.example/staff/asks/?owner={oscar.id}&state=open" in letter.text
    assert "due today, Wed, Jun 10, 2026" in sink[alice.email].text


def test_a_letter_of_late_asks_alone_says_nothing_of_others(oscar, sink, deliver):
    due(date(2026, 6, 1), oscar, "Speak")
    due(date(2026, 6, 2), oscar, "Endorse")
    digests()
    deliver()
    assert sink[oscar.email].subject == "2 asks are late" and "Due soon" not in sink[oscar.email].text


def test_nobody_gets_a_mail_where_nothing_is_due(oscar):
    due(date(2026, 7, 1), oscar)
    factories.make_ask(owner_id=oscar.id)
    assert digests() == []


def test_what_is_named_is_not_named_again_the_next_day(oscar, clock):
    due(TODAY, oscar)
    assert digests() == [(oscar.email, ["Speak"])]
    assert digests() == []
    clock.move_to(datetime(2026, 6, 11, 11, 59, tzinfo=UTC))
    assert digests() == []  # It is not eight in New York.
    clock.move_to(datetime(2026, 6, 11, 12, tzinfo=UTC))
    assert digests() == [(oscar.email, ["Speak"])]  # Now it is late.
    clock.move_to(datetime(2026, 6, 20, 12, tzinfo=UTC))
    assert digests() == []


def test_what_comes_after_the_digest_of_the_day_waits_for_the_next(oscar, clock):
    due(TODAY, oscar)
    digests()
    due(date(2026, 6, 12), oscar, "Endorse")
    assert digests() == []
    clock.move_to(datetime(2026, 6, 11, 13, tzinfo=UTC))
    assert digests() == [(oscar.email, ["Endorse", "Speak"])]


def test_another_due_date_and_another_owner_count_anew(oscar, alice, clock):
    ask = due(TODAY, oscar)
    digests()
    asks.edit(ask, {"due_on": date(2026, 6, 12)}, oscar, 1)
    clock.move_to(datetime(2026, 6, 11, 13, tzinfo=UTC))
    assert digests() == [(oscar.email, ["Speak"])]
    asks.edit(ask, {"owner_id": alice.id}, oscar, 2)
    assert digests() == [(alice.email, ["Speak"])]


@pytest.mark.parametrize("state", ["declined", "lapsed", "delivered"])
def test_closed_asks_are_not_named(oscar, state):
    due(TODAY, oscar).state = state
    assert digests() == []


def test_an_owner_who_has_left_gets_none(oscar):
    due(TODAY, oscar)
    oscar.active = False
    db.session.commit()
    assert digests() == []


def test_what_the_owner_no_longer_sees_is_not_named(oscar):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    oscar.organization_id = north.id
    ask = due(TODAY, oscar)
    ask.influencer.organization_id = south.id
    db.session.commit()
    assert digests() == []
    ask.influencer.organization_id = north.id
    assert digests() == [(oscar.email, ["Speak"])]


def test_each_owner_is_told_in_the_morning_of_his_own_zone(oscar, alice, clock):
    alice.zone = "Pacific/Auckland"  # One in the morning of June 11.
    due(TODAY, oscar)
    due(TODAY, alice, "Endorse")
    assert digests() == [(oscar.email, ["Speak"])]
    clock.move_to(datetime(2026, 6, 10, 20, tzinfo=UTC))
    assert digests() == [(alice.email, ["Endorse"])]  # Late, for it is the eleventh there.


def test_the_days_before_and_after_are_settings(app, oscar, clock):
    app.config.update(ASK_REMIND_DAYS_BEFORE=0, ASK_REMIND_DAYS_AFTER=5)
    due(date(2026, 6, 11), oscar, "Tomorrow")
    due(date(2026, 6, 6), oscar, "Late")
    due(date(2026, 6, 5), oscar, "Later")
    assert digests() == [(oscar.email, ["Later"])]


def test_more_than_fits_into_one_digest_waits_for_the_next_day(oscar, clock, monkeypatch):
    monkeypatch.setattr(digest, "MOST", 2)
    for number in range(3):
        due(TODAY, oscar, f"Ask {number}")
    assert digests() == [(oscar.email, ["Ask 0", "Ask 1"])]
    clock.move_to(datetime(2026, 6, 11, 13, tzinfo=UTC))
    assert [names for _, names in digests()] == [["Ask 0", "Ask 1"]]
    clock.move_to(datetime(2026, 6, 12, 13, tzinfo=UTC))
    assert [names for _, names in digests()] == [["Ask 2"]]


def test_the_page_of_an_ask_says_who_was_reminded(as_oscar, oscar):
    ask = due(TODAY, oscar)
    digests()
    assert "Jun 10, 2026: reminded Oscar Organizer, as it was due soon" in as_oscar.page(f"/staff/asks/{ask.id}").text
