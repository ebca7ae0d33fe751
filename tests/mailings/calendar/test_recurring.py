"""Sequences and digests on the calendar, in the feed, and in what a mailing meets on its day."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from crm.base import clock
from crm.contacts import leaving, tagging
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.calendar import overlaps
from crm.mailings.models import Mailing
from crm.mailings.sequences import editing, living, running
from crm.mailings.sequences.models import SequenceRun
from tests.mailings.calendar.test_feed import events, link_of
from tests.mailings.calendar.test_overlaps import ZONE, post
from tests.mailings.calendar.test_sheet import LIST, MONTH, NOW, cell, text
from tests.mailings.digests.test_digests import make_digest
from tests.mailings.makers import make_mailing, make_people, make_segment
from tests.mailings.sequences.makers import make_sequence, start

SECOND, THIRD = date(2026, 11, 21), date(2026, 11, 28)


@pytest.fixture(autouse=True)
def clocks():
    with time_machine.travel(NOW, tick=False) as clocks:
        yield clocks


def on_the_way(number=3, **values):
    """Let a sequence go live, and so many come in, who have had its first step and wait for the second."""
    sequence = make_sequence([(0, None), (3, 540), (7, 540)], **values)
    start(sequence)
    people = make_people(number, confirmed_at=clock.now())
    db.session.commit()
    running.work()
    return sequence, people


def leave(at):
    """Let the copies that wait be sent at that moment (UTC)."""
    values = {"state": "sent", "sent_at": datetime.fromisoformat(at).replace(tzinfo=UTC)}
    db.session.query(Delivery).filter_by(state="queued").update(values)
    db.session.commit()


def look(day, mailing=None):
    found = mailing or make_mailing()
    return overlaps.look(db.session.get_one(Mailing, found.id), day, ZONE)


def test_the_coming_days_show_which_step_how_many_are_to_get_and_lead_to_them(as_alice):
    _, people = on_the_way()
    page = as_alice.page(MONTH)
    assert "Welcome Sequence, expected: 3 get step 2" in text(cell(page, SECOND))
    assert "Welcome Sequence, expected: 3 get step 3" in text(cell(page, THIRD))
    assert "Welcome Sequence goes live" in text(cell(page, "2026-11-18"))
    assert "data-move" not in cell(page, SECOND)
    there = re.search(r'href="(/staff/sequences/[^"]*on=2026-11-28)"', page.text)[1].replace("&amp;", "&")
    listed = text(as_alice.page(there).text)
    assert "Expected to get a step on Saturday, November 28, 2026" in listed
    assert all(one.name in listed for one in people)
    assert "Nobody is expected" in as_alice.page(there.replace("11-28", "11-27")).text


def test_who_left_is_at_the_goal_or_is_not_meant_is_not_expected(as_alice):
    goal, ohio = make_segment("Signed", tag="signed"), make_segment(state="OH")
    sequence, people = on_the_way(5, goal_id=goal.id)
    editing.change_step(sequence.steps[1], {"segment_id": ohio.id})
    for one in people[:4]:
        one.state = "OH"
    tagging.add([people[0].id], "signed")
    leaving.unsubscribe(people[1], None, method="unsubscribe_page", place="test")
    db.session.commit()
    page = as_alice.page(MONTH)
    assert "expected: 2 get step 2" in text(cell(page, SECOND))
    assert "expected: 3 get step 3" in text(cell(page, THIRD))


def test_what_waits_for_a_step_that_does_not_go_out_is_not_expected(as_alice):
    sequence, _ = on_the_way()
    sequence.steps[1].sent_version = 0
    db.session.commit()
    assert "expected:" not in as_alice.page(MONTH).text


def test_what_runs_stands_beneath_with_since_and_until(as_alice, alice, client_of, clocks):
    sequence, _ = on_the_way()
    make_digest(alice)
    shown = text(as_alice.page(LIST).text)
    assert "Running in November 2026" in shown
    assert "Welcome Sequence, live, 3 on the way since November 18, 2026" in shown
    assert "Weekly Digest, every week since November 18, 2026" in shown
    clocks.shift(timedelta(days=20))
    living.end(sequence)
    db.session.commit()
    as_alice = client_of(alice)
    december = as_alice.page("/staff/calendar/?month=2026-12")
    assert "Welcome Sequence ends" in text(cell(december, "2026-12-08"))
    assert "Welcome Sequence, ended since November 18, 2026, until December 8, 2026" in text(december.text)
    assert "step 3" not in december.text
    assert "Welcome" not in as_alice.page("/staff/calendar/?month=2027-01").text


def test_a_digest_stands_on_the_days_on_which_it_is_to_come(as_alice, alice):
    digest = make_digest(alice)
    page = as_alice.page(MONTH)
    for day in ("2026-11-23", "2026-11-30"):
        assert "09:00 Weekly Digest expected, if anything is new" in text(cell(page, day))
    assert "Weekly" not in cell(page, "2026-11-16")
    assert f'href="/staff/digests/{digest.id}"' in cell(page, "2026-11-23")


def test_the_filter_takes_them_alone(as_alice, as_oscar, alice):
    on_the_way()
    make_digest(alice)
    for kind, there, gone in (("sequences", "Welcome", "Weekly"), ("digests", "Weekly", "Welcome")):
        shown = as_alice.page(f"{LIST}&what={kind}").text
        assert there in shown and gone not in shown
    mine = as_oscar.page(f"{LIST}&whose=mine").text
    assert "Weekly" not in mine and "Welcome" not in mine
    assert "Weekly" in as_alice.page(f"{LIST}&whose=mine").text


def test_the_feed_has_them_as_tentative(as_alice, alice, client):
    sequence, _ = on_the_way()
    digest = make_digest(alice)
    found = events(client, link_of(as_alice))
    step = found[f"sequence-{sequence.id}-2026-11-21@crm.example"]
    assert (step["DTSTART"].dt, step["STATUS"]) == (SECOND, "TENTATIVE")
    assert found[f"digest-{digest.id}-20261123@crm.example"]["STATUS"] == "TENTATIVE"
    assert str(found[f"sequence-{sequence.id}-goes@crm.example"]["SUMMARY"]) == "Welcome"


def test_a_mailing_on_the_day_of_a_step_or_digest_meets_it_and_the_week_counts_both(as_alice, alice):
    on_the_way(3)
    make_people(2)
    found = look(SECOND)
    assert found.sentences == ["3 people get both this and step 2 of the sequence “Welcome” on the same day."]
    make_digest(alice)
    monday = look(date(2026, 11, 23))
    assert monday.sentences == ["5 people get both this and the digest “Weekly” on the same day."]
    # In the week of the 22nd come the digest, to five, and step 3, to three.
    assert (monday.mailings, monday.average, monday.busiest) == (3, 1 + 8 / 5, 3)


def test_a_step_that_was_sent_counts_for_who_got_it_on_its_day_and_in_its_week(app, clocks):
    sequence, _ = on_the_way(3)
    leave("2026-11-18T17:00")
    make_people(5, confirmed_at=clock.now())
    db.session.commit()
    running.work()
    # Of step 1, three copies were sent today, and five wait; the eight are to get step 2 on Saturday.
    today = look(date(2026, 11, 18))
    assert today.sentences == ["8 people get both this and step 1 of the sequence “Welcome” on the same day."]
    assert (today.mailings, today.average, today.busiest) == (3, 3.0, 3)
    leave("2026-11-19T17:00")
    clocks.shift(timedelta(days=2))
    friday = look(date(2026, 11, 20))
    assert (friday.key, friday.mailings, friday.average, friday.busiest) == ("", 3, 3.0, 3)
    assert look(date(2026, 11, 25)).mailings == 2
    living.end(sequence)
    db.session.commit()
    ended = look(date(2026, 11, 20))
    assert (ended.mailings, ended.average, ended.busiest) == (2, 2.0, 2)


def test_of_a_step_that_some_had_and_others_are_to_get_on_one_day_all_are_told_at_once(app, clocks):
    on_the_way(5)
    leave("2026-11-18T17:00")
    clocks.shift(timedelta(days=3))
    for run in db.session.query(SequenceRun).limit(2):
        run.due_at = clock.now() + timedelta(hours=1)
    db.session.commit()
    running.work()
    leave("2026-11-21T15:00")
    found = look(SECOND)
    assert found.sentences == ["5 people get both this and step 2 of the sequence “Welcome” on the same day."]
    assert (found.mailings, found.busiest) == (3, 3)


def test_it_has_to_be_known_before_it_is_scheduled(as_alice):
    sequence, _ = on_the_way()
    mailing = make_mailing()
    page = post(as_alice, mailing, "2026-11-21T15:00").text
    assert "3 people get both this and step 2 of the sequence “Welcome”" in page
    known = re.search(r'name="known" id="known" value="([^"]+)"', page)[1]
    assert known == f"2026-11-21.step{sequence.steps[1].id}"
    assert "Scheduled." in post(as_alice, mailing, "2026-11-21T15:00", known=known).text
