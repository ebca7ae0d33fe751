"""The rules of the admins: approval, typing the number, and the minutes in which a mailing can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from crm.base import clock
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.approval import rules
from crm.mailings.models import Mailing
from tests.mailings.makers import make_mailing, make_people

URL = "/staff/settings/mailings"
NOW = {"version": 1, "when": "now", "zone": "UTC"}


def rule(**values):
    rules.save(rules.row(), values, rules.current().version)
    db.session.commit()


def only():
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Mailing).one()


def test_an_admin_sets_and_empties_them(as_alice):
    assert 'value="500"' in as_alice.page(URL).text
    page = as_alice.send(URL, {"approval_over": "200", "confirm_over": "", "minutes": "5", "version": "0"})
    assert "The rules are saved" in page.text
    found = rules.current()
    assert (found.approval_over, found.confirm_over, found.minutes) == (200, None, 5)
    as_alice.send(URL, {"approval_over": "", "confirm_over": "0", "minutes": "0", "version": "1"})
    found = rules.current()
    assert (found.approval_over, found.confirm_over, found.minutes) == (None, 0, 0)


@pytest.mark.parametrize(
    ("name", "value"), [("approval_over", "-1"), ("confirm_over", "many"), ("minutes", ""), ("minutes", "61")]
)
def test_what_cannot_be_a_rule_is_refused_beside_its_field(as_alice, name, value):
    values = {"approval_over": "1", "confirm_over": "2", "minutes": "3", "version": "0", name: value}
    page = as_alice.send(URL, values)
    assert f'href="#{name}"' in page.text
    assert rules.current().approval_over is None


def test_two_admins_see_each_other(as_alice):
    as_alice.send(URL, {"approval_over": "200", "confirm_over": "", "minutes": "5", "version": "0"})
    as_alice.send(URL, {"approval_over": "100", "confirm_over": "", "minutes": "5", "version": "0"}, status=409)
    assert rules.current().approval_over == 200


def test_one_who_is_alone_is_told_that_nobody_could_approve(as_alice):
    assert "Only 1 user may send mailings" in as_alice.page(URL).text


def test_organizers_do_not_set_them(as_oscar):
    assert as_oscar.get(URL).status_code == 403


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type that number to confirm it"),
        ("4", "You typed 4, but it goes to 3 people"),
        ("all", "Type that number"),
    ],
)
def test_a_wrong_number_is_refused_and_nothing_typed_is_lost(as_alice, typed, words):
    rule(confirm_over=2)
    make_people(3)
    make_mailing()
    values = {"at": "2099-12-01T09:00", "zone": "America/Denver", "version": 1, "when": "later", "shown": "3"}
    page = as_alice.send(f"/staff/mailings/{only().id}/schedule", {**values, "typed": typed})
    assert words in page.text
    assert 'value="2099-12-01T09:00"' in page.text
    assert '<option selected value="America/Denver">' in page.text
    assert 'href="#typed"' in page.text
    assert only().state == "draft"


@pytest.mark.parametrize("typed", ["3", " 3 ", "0,003"])
def test_the_right_number_schedules_it(as_alice, typed):
    rule(confirm_over=2)
    make_people(3)
    make_mailing()
    as_alice.send(f"/staff/mailings/{only().id}/schedule", {**NOW, "typed": typed, "shown": "3"})
    assert only().state == "scheduled"


def test_a_small_one_asks_for_no_number(as_alice):
    rule(confirm_over=3)
    make_people(3)
    make_mailing()
    assert 'name="typed"' not in as_alice.page(f"/staff/mailings/{only().id}/review").text
    as_alice.send(f"/staff/mailings/{only().id}/schedule", {**NOW, "shown": "3"})
    assert only().state == "scheduled"


def test_an_audience_that_grew_meanwhile_is_told_and_asked_again(as_alice):
    rule(confirm_over=2)
    make_people(3)
    make_mailing()
    assert 'name="shown" type="hidden" value="3"' in as_alice.page(f"/staff/mailings/{only().id}/review").text
    make_people(2)
    page = as_alice.send(f"/staff/mailings/{only().id}/schedule", {**NOW, "typed": "3", "shown": "3"})
    assert "The audience has grown from 3 to 5 since you opened this page" in page.text
    assert 'name="shown" type="hidden" value="5"' in page.text
    assert only().state == "draft"
    as_alice.send(f"/staff/mailings/{only().id}/schedule", {**NOW, "typed": "5", "shown": "5"})
    assert only().state == "scheduled"


def test_what_is_sent_now_waits_ten_minutes_and_can_be_taken_back(client_of, alice):
    with time_machine.travel(datetime(2026, 3, 8, 9, 55, tzinfo=UTC), tick=False) as traveller:
        as_alice = client_of(alice)
        make_people(1)
        make_mailing()
        url = f"/staff/mailings/{only().id}"
        as_alice.send(f"{url}/schedule", NOW)
        scheduling.release_due()
        assert only().state == "scheduled"
        assert only().scheduled_at - clock.now() == timedelta(minutes=10)
        page = as_alice.page(url)
        assert "10 min 00 s" in page.text
        assert "Take it back" in page.text
        traveller.shift(timedelta(minutes=9, seconds=15))
        assert "45 s" in as_alice.get(f"{url}/progress?state=scheduled").text
        as_alice.send(f"{url}/take-back")
        traveller.shift(timedelta(minutes=5))
        scheduling.release_due()
        assert only().state == "draft"
        assert db.session.query(Delivery).count() == 0


def test_after_ten_minutes_it_goes_and_the_page_shows_itself_anew(client_of, alice):
    # The clocks of New York, where Alice lives, go forward within these ten minutes.
    with time_machine.travel(datetime(2026, 3, 8, 6, 55, tzinfo=UTC), tick=False) as traveller:
        as_alice = client_of(alice)
        make_people(1)
        make_mailing()
        as_alice.send(f"/staff/mailings/{only().id}/schedule", NOW)
        assert only().local_time == "2026-03-08T03:05"
        traveller.shift(timedelta(minutes=9, seconds=59))
        scheduling.release_due()
        assert only().state == "scheduled"
        traveller.shift(timedelta(seconds=1))
        scheduling.release_due()
        assert only().state == "sending"
        answer = as_alice.get(f"/staff/mailings/{only().id}/progress?state=scheduled")
        assert answer.headers["HX-Refresh"] == "true"


def test_one_that_was_held_and_is_sent_now_can_be_taken_back_too(as_alice):
    make_people(1)
    mailing = make_mailing()
    mailing.state, mailing.problem = "paused", "It was due over six hours ago."
    db.session.commit()
    as_alice.send(f"/staff/mailings/{mailing.id}/resume")
    scheduling.release_due()
    assert only().state == "scheduled"
    assert "Take it back" in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_with_no_minutes_it_goes_at_once(as_alice):
    rule(minutes=0)
    make_people(1)
    make_mailing()
    as_alice.send(f"/staff/mailings/{only().id}/schedule", NOW)
    scheduling.release_due()
    assert only().state == "sending"
