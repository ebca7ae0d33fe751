"""What goes out over time goes to whom it was released for: a segment that is edited meanwhile holds it."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock, wall_clock
from crm.contacts.models import Segment
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.approval import approving, rules
from crm.mailings.approval.models import MailingApproval
from crm.mailings.models import Mailing
from crm.mailings.waves.planning import Timing
from tests.mailings.composer.makers import form_of
from tests.mailings.makers import make_mailing, make_people, make_segment

EVERYBODY = {"op": "and", "not": False, "items": []}
HOURS = 49


@pytest.fixture
def ohio(app) -> Segment:
    """Forty people of Ohio, and forty of Iowa who are not in it."""
    make_people(40, state="OH")
    make_people(40, state="IA")
    return make_segment(state="OH")


@pytest.fixture
def mailing(ohio, alice, oscar) -> Mailing:
    """One to Ohio that Oscar began and Alice approved, of which the first of many waves is queued."""
    rules.save(rules.row(), {"approval_over": 2}, rules.current().version)
    audience = {"people": "topic", "segments": [ohio.id]}
    mailing = make_mailing(audience=audience, by="oscar@bridgeway.example")
    approving.ask(mailing, oscar, "", mailing.version, 40)
    approving.approve(mailing, alice, "", mailing.version)
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"), timing=Timing(spread=60 * 48))
    db.session.commit()
    scheduling.release_due()
    return only()


def only() -> Mailing:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Mailing).one()


def edit(segment: Segment, definition: dict) -> None:
    db.session.get_one(Segment, segment.id).definition = definition
    db.session.commit()


def two_days() -> int:
    """Let the waves of two days come; return how many copies there are then."""
    begin = clock.now()
    for hour in range(HOURS):
        with time_machine.travel(begin + timedelta(hours=hour), tick=False):
            scheduling.release_due()
    return copies()


def copies() -> int:
    db.session.rollback()
    return db.session.query(Delivery).filter(Delivery.message_id.in_(only().message_ids)).count()


def go_on(browser, **values):
    page = browser.page(f"/staff/mailings/{only().id}").text
    return browser.send(f"/staff/mailings/{only().id}/resume", go_on_form(page) | values)


def go_on_form(page: str) -> dict[str, str]:
    return form_of(page, "go-on-form")


def test_without_an_edit_all_waves_go(mailing):
    assert two_days() == 40
    assert only().frozen_at is not None


def test_later_waves_are_held_where_a_segment_was_edited_and_go_on_by_the_word_of_an_approver(
    mailing, ohio, as_alice, as_oscar
):
    first = copies()
    edit(ohio, EVERYBODY)
    assert two_days() == first < 40
    assert only().state == "paused"
    assert "it would go to 80 people in all now" in only().problem
    page = as_alice.page(f"/staff/mailings/{mailing.id}").text
    assert "A segment was edited since it began" in page and "everybody" in page
    assert "Somebody like that has to let it go on" in go_on(as_oscar).text
    assert only().state == "paused"
    assert "It goes on." in go_on(as_alice).text
    assert [line.event for line in db.session.query(MailingApproval).order_by(MailingApproval.id)][-1] == "released"
    assert two_days() == 80
    assert only().frozen_at is not None


def test_what_was_edited_again_after_it_was_seen_does_not_go_on(mailing, ohio, as_alice):
    edit(ohio, EVERYBODY)
    two_days()
    seen = go_on_form(as_alice.page(f"/staff/mailings/{mailing.id}").text)
    edit(ohio, {"op": "or", "not": False, "items": []})
    answer = as_alice.send(f"/staff/mailings/{mailing.id}/resume", seen)
    assert "Look whom it describes now before you let the mailing go on" in answer.text
    assert "Look whom it describes now" in as_alice.send(f"/staff/mailings/{mailing.id}/resume").text
    assert only().state == "paused"


def test_edited_back_it_goes_on_as_after_any_pause(mailing, ohio, as_oscar):
    before = ohio.definition
    edit(ohio, EVERYBODY)
    two_days()
    edit(ohio, before)
    assert "It goes on." in as_oscar.send(f"/staff/mailings/{mailing.id}/resume").text
    assert two_days() == 40


def test_the_number_of_a_large_one_is_typed_before_it_goes_on(mailing, ohio, as_alice):
    rules.save(rules.row(), {"approval_over": None, "confirm_over": 50}, rules.current().version)
    db.session.commit()
    edit(ohio, EVERYBODY)
    two_days()
    assert "You typed 40, but it goes to 80 people" in go_on(as_alice, typed="40").text
    assert "It goes on." in go_on(as_alice, typed="80").text


def test_what_is_queued_whole_goes_out_whatever_becomes_of_its_segment(ohio, alice, as_alice):
    mailing = make_mailing(audience={"people": "topic", "segments": [ohio.id]})
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    edit(ohio, EVERYBODY)
    scheduling.pause(only())
    db.session.commit()
    assert "It goes on." in as_alice.send(f"/staff/mailings/{mailing.id}/resume").text
    assert copies() == 40
