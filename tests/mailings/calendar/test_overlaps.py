"""Who would get two mailings on one day is counted exactly, told, and has to be known before it is scheduled."""

from datetime import date

import pytest
import time_machine

from crm.base import wall_clock
from crm.contacts.models import Segment, Subscription, Topic
from crm.delivery import suppression
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.calendar import overlaps
from crm.mailings.models import Mailing
from tests.mailings.calendar.test_moving import dragged
from tests.mailings.calendar.test_sheet import NOW, scheduled
from tests.mailings.makers import make_mailing, make_people, make_segment

DAY = date(2026, 11, 24)
ZONE = "America/New_York"


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOW, tick=True):
        yield


def look(mailing, day=DAY, zone=ZONE):
    db.session.commit()
    return overlaps.look(db.session.get(Mailing, mailing.id), day, zone)


def subscribe(people, slug):
    topic = db.session.query(Topic).filter_by(slug=slug).one()
    db.session.add_all(Subscription(contact=one, topic=topic, state="active", since=NOW) for one in people)


def post(browser, mailing, local="2026-11-24T15:00", version=1, status=200, **more):
    values = {"at": local, "zone": ZONE, "when": "later", "version": version, **more}
    return browser.send(f"/staff/mailings/{mailing.id}/schedule", values, status)


def test_exactly_those_who_get_both_are_counted(app):
    people = make_people(9)
    subscribe(people[:4], "research")
    make_people(5, slug="research")
    make_people(3, "unsubscribed", slug="research")
    suppression.suppress(people[0].email, "hard_bounce")
    scheduled("2026-11-24T09:00", subject="Morning")
    found = look(make_mailing("research"))
    assert [(other.named, other.both) for other in found.others] == [("“Morning”", 3)]
    assert found.recipients == 8
    assert found.sentences == ["3 people get both this and “Morning” on the same day."]


def test_only_the_same_day_of_its_zone_counts(app):
    make_people(2)
    scheduled("2026-11-24T23:30", subject="Late")
    mailing = make_mailing()
    assert [other.named for other in look(mailing).others] == ["“Late”"]
    assert look(mailing, date(2026, 11, 25)).others == []
    assert [other.named for other in look(mailing, date(2026, 11, 25), "UTC").others] == ["“Late”"]
    assert look(mailing, date(2026, 11, 25)).mailings == 2


def test_drafts_and_canceled_mailings_do_not_count(app):
    make_people(2)
    scheduling.cancel(scheduled("2026-11-24T09:00"))
    make_mailing()
    assert look(make_mailing()).key == ""


def test_two_are_named_and_the_rest_is_counted(app):
    make_people(4)
    ohio = make_people(2, state="OH")
    assert len(ohio) == 2
    segment = make_segment(state="OH")
    for number in range(4):
        audience = {"people": "topic", "segment": segment.id if number == 0 else None}
        scheduled("2026-11-24T09:00", subject=f"Number {number}", audience=audience)
    found = look(make_mailing())
    assert [other.both for other in found.others] == [6, 6, 6, 2]
    assert found.sentences == [
        "6 people get both this and “Number 1” on the same day.",
        "6 people get both this and “Number 2” on the same day.",
        "2 more of that day overlap.",
    ]


def test_the_load_of_the_week_from_sunday_is_told_with_this_one(app):
    everybody = make_people(4)
    subscribe(everybody[:1], "research")
    scheduled("2026-11-22T00:00")
    scheduled("2026-11-28T23:59", slug="research")
    scheduled("2026-11-21T23:59")
    scheduled("2026-11-29T00:00")
    found = look(make_mailing())
    assert (found.mailings, found.average, found.busiest) == (3, 2.25, 3)


def test_what_was_sent_counts_by_who_got_it(app, sink, deliver):
    got = make_people(3)
    sent = make_mailing(subject="This morning")
    scheduling.schedule(sent, wall_clock.at(NOW, ZONE))
    db.session.commit()
    scheduling.release_due()
    deliver()
    scheduling.finish()
    make_people(5)
    assert len(sink.mails) == len(got)
    found = look(make_mailing(), date(2026, 11, 18))
    assert [(other.named, other.both) for other in found.others] == [("“This morning”", 3)]


def test_a_mailing_whose_segment_is_gone_is_left_out_and_said(app):
    make_people(2)
    segment = make_segment(state="OH")
    broken = scheduled("2026-11-24T09:00")
    broken.audience = {"people": "topic", "segment": segment.id}
    db.session.commit()
    db.session.delete(db.session.get(Segment, segment.id))
    found = look(make_mailing())
    assert (found.untold, found.key) == (1, "")
    assert overlaps.look(db.session.get(Mailing, broken.id), DAY, ZONE).recipients == 0


def test_it_is_scheduled_only_by_whoever_says_that_they_know(as_alice):
    make_people(3)
    first = scheduled("2026-11-24T09:00", subject="Morning <b>")
    mailing = make_mailing()
    page = post(as_alice, mailing).text
    assert "3 people get both this and “Morning &lt;b&gt;” on the same day." in page
    assert "its recipients get 2 mailings on average, this one included; the busiest 2." in page
    assert 'value="2026-11-24T15:00"' in page
    assert db.session.get(Mailing, mailing.id).state == "draft"
    key = f"2026-11-24.{first.id}"
    assert f'value="{key}"' in page
    page = post(as_alice, mailing, known=key).text
    assert "Scheduled." in page
    assert db.session.get(Mailing, mailing.id).state == "scheduled"


def test_what_is_known_holds_for_that_day_and_those_mailings_alone(as_alice):
    make_people(1)
    first = scheduled("2026-11-24T09:00")
    mailing = make_mailing()
    known = f"2026-11-24.{first.id}"
    assert "I know" in post(as_alice, mailing, known="2026-11-23.1").text
    scheduled("2026-11-24T10:00", subject="Another")
    assert "“Another” on the same day" in post(as_alice, mailing, known=known).text
    assert db.session.get(Mailing, mailing.id).state == "draft"


def test_sending_now_overlaps_with_today(as_alice):
    make_people(1)
    scheduled("2026-11-18T20:00", subject="Tonight")
    mailing = make_mailing()
    page = post(as_alice, mailing, when="now").text
    assert "“Tonight” on the same day" in page
    assert db.session.get(Mailing, mailing.id).state == "draft"


def test_a_day_with_nothing_else_asks_nothing(as_alice):
    make_people(1)
    scheduled("2026-11-25T09:00")
    mailing = make_mailing()
    post(as_alice, mailing)
    assert db.session.get(Mailing, mailing.id).state == "scheduled"


def test_the_review_tells_it_as_soon_as_a_day_is_chosen(as_alice):
    make_people(2)
    scheduled("2026-11-24T09:00", subject="Morning")
    mailing = make_mailing()
    place = f"/staff/calendar/mailings/{mailing.id}/overlap"
    part = as_alice.get(place, query_string={"at": "2026-11-24T15:00", "zone": ZONE}).text
    assert "2 people get both this and “Morning”" in part
    assert 'name="known"' in part
    for at, zone in (("2026-11-25T15:00", ZONE), ("", ZONE), ("soon", ZONE), ("2026-11-24T15:00", "Mars")):
        part = as_alice.get(place, query_string={"at": at, "zone": zone})
        assert part.status_code == 200
        assert "known" not in part.text
    as_alice.send(f"/staff/calendar/mailings/{mailing.id}/move", {"day": "2026-11-24", "seen": "draft-0"})
    assert "2 people get both" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text


def test_a_move_onto_another_mailing_has_to_be_known_too(as_alice):
    make_people(2)
    first = scheduled("2026-11-24T09:00", subject="Morning")
    mailing = scheduled("2026-11-25T09:00")
    told = dragged(as_alice, mailing, "2026-11-24", "scheduled-2", 409)
    assert "2 people get both this and “Morning” on the same day." in told["message"]
    assert (told["day"], told["know"]) == ("2026-11-25", f"2026-11-24.{first.id}")
    page = as_alice.send(
        f"/staff/calendar/mailings/{mailing.id}/move", {"day": "2026-11-24", "seen": "scheduled-2"}, 409
    ).text
    assert "I know" in page
    assert dragged(as_alice, mailing, "2026-11-24", "scheduled-2", known=told["know"])["moved"]
