"""Moving what stands on the calendar to another day, with and without scripts, and by two people at once."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from crm.base import wall_clock
from crm.base.models import AuditEntry
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.models import Ask, AskChange
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from tests import factories
from tests.mailings.calendar.test_sheet import NOW, cell, scheduled
from tests.mailings.makers import make_mailing, make_people

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(NOW, tick=True):
        yield


def path(entry):
    return f"/staff/calendar/{'asks' if isinstance(entry, Ask) else 'mailings'}/{entry.id}/move"


def dragged(browser, entry, day, seen, status=200, **more):
    """Move it as the script of the page does, and return what is answered."""
    answer = browser.post(path(entry), data={"day": day, "seen": seen, **more}, headers=FETCH)
    assert answer.status_code == status, answer.text
    return answer.json


def when(mailing):
    db.session.expire_all()
    return db.session.get(Mailing, mailing.id).when


def test_a_scheduled_mailing_goes_at_the_same_hour_of_another_day(as_alice):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00", subject="Write now")
    told = dragged(as_alice, mailing, "2026-12-01", "scheduled-2")
    assert (told["moved"], told["day"], told["was"], told["seen"]) == (True, "2026-12-01", "2026-11-24", "scheduled-3")
    assert "Tuesday, December 1" in told["message"]
    assert when(mailing) == "Tue, Dec 1, 2026, 09:00 (America/New_York)"
    line = db.session.query(AuditEntry).filter_by(verb="schedule").order_by(AuditEntry.id.desc()).first()
    assert (line.actor, line.changes["at"]) == ("alice@bridgeway.example", "2026-12-01T14:00:00+00:00")


def test_the_hour_of_its_own_zone_stays_over_a_change_of_clocks(as_alice):
    make_people(1)
    mailing = scheduled("2027-03-12T09:00", "America/Chicago")
    dragged(as_alice, mailing, "2027-03-15", "scheduled-2")
    assert when(mailing) == "Mon, Mar 15, 2027, 09:00 (America/Chicago)"
    assert db.session.get(Mailing, mailing.id).scheduled_at == datetime(2027, 3, 15, 14, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_refused_in_words(as_alice):
    make_people(1)
    mailing = scheduled("2027-03-12T02:30")
    told = dragged(as_alice, mailing, "2027-03-14", "scheduled-2", 409)
    assert "02:30 does not exist on 2027-03-14" in told["message"]
    assert (told["moved"], told["day"], told["know"]) == (False, "2027-03-12", "")
    assert "Mar 12" in when(mailing)


def test_an_hour_that_comes_twice_is_told(as_alice):
    make_people(1)
    mailing = scheduled("2027-11-05T01:30")
    assert "comes twice" in dragged(as_alice, mailing, "2027-11-07", "scheduled-2")["message"]


def test_near_midnight_it_moves_by_as_many_days_as_it_is_dragged(as_alice):
    make_people(1)
    mailing = scheduled("2026-11-24T23:30", "America/Los_Angeles")
    told = dragged(as_alice, mailing, "2026-11-28", "scheduled-2")
    assert told["day"] == "2026-11-28"
    assert when(mailing) == "Fri, Nov 27, 2026, 23:30 (America/Los_Angeles)"


def test_a_day_in_the_past_is_refused(as_alice):
    make_people(1)
    mailing, draft = scheduled("2026-11-24T09:00"), make_mailing()
    assert "in the past" in dragged(as_alice, mailing, "2026-11-02", "scheduled-2", 409)["message"]
    assert "That day is over" in dragged(as_alice, draft, "2026-11-17", "draft-0", 409)["message"]


def test_the_second_of_two_movers_is_told_and_may_move_again(as_alice, as_oscar):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00")
    dragged(as_oscar, mailing, "2026-11-25", "scheduled-2")
    told = dragged(as_alice, mailing, "2026-11-26", "scheduled-2", 409)
    assert "Oscar Organizer changed this mailing meanwhile" in told["message"]
    assert "Nov 25" in told["message"]
    assert (told["day"], told["seen"]) == ("2026-11-25", "scheduled-3")
    assert dragged(as_alice, mailing, "2026-11-26", told["seen"])["moved"]


def test_one_that_was_canceled_or_taken_back_meanwhile_is_told(as_alice):
    make_people(1)
    gone, back = scheduled("2026-11-24T09:00"), scheduled("2026-11-25T09:00")
    scheduling.cancel(gone)
    scheduling.take_back(back)
    db.session.commit()
    assert "is canceled" in dragged(as_alice, gone, "2026-11-26", "scheduled-2", 409)["message"]
    told = dragged(as_alice, back, "2026-11-26", "scheduled-2", 409)
    assert "is draft, planned for no day" in told["message"]
    assert told["day"] is None


def test_without_scripts_the_form_moves_it_and_the_calendar_offers_to_undo_it(as_alice):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00", subject="Write now")
    form = as_alice.page(f"{path(mailing)}?what=mailings").text
    assert 'value="2026-11-24"' in form
    assert 'value="scheduled-2"' in form
    answer = as_alice.post(f"{path(mailing)}?what=mailings", data={"day": "2026-12-03", "seen": "scheduled-2"})
    assert answer.location == "/staff/calendar/?what=mailings&month=2026-12#day-2026-12-03"
    page = as_alice.page("/staff/calendar/?month=2026-12")
    assert "“Write now” is on Thursday, December 3 now." in page.text
    assert "Undo" in page.text
    assert "Write now" in cell(page, "2026-12-03")
    as_alice.send(path(mailing), {"day": "2026-11-24", "seen": "scheduled-3"})
    assert when(mailing).startswith("Tue, Nov 24, 2026, 09:00")
    assert "Undo" not in as_alice.page("/staff/calendar/").text


def test_a_day_that_is_none_is_refused_and_what_was_typed_stays(as_alice):
    make_people(1)
    mailing = scheduled("2026-11-24T09:00")
    page = as_alice.send(path(mailing), {"day": "2026-02-30", "seen": "scheduled-2"}, 409).text
    assert "Give the date as year, month and day" in page
    assert "2026-02-30" in page
    assert "year from 2000" in as_alice.send(path(mailing), {"day": "9999-01-01", "seen": "scheduled-2"}, 409).text
    assert "Take it back to a draft" in as_alice.send(path(mailing), {"day": "", "seen": "scheduled-2"}, 409).text


def test_a_draft_is_planned_from_the_review_and_what_it_says_may_change_meanwhile(as_alice):
    make_people(1)
    mailing = make_mailing()
    assert "Plan a day" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    mailing.version += 3
    db.session.commit()
    page = as_alice.send(f"{path(mailing)}?back=review", {"day": "2026-11-27", "seen": "draft-0"}).text
    assert "Planned for" in page
    assert "Friday, November 27, 2026" in page
    assert 'value="2026-11-27T09:00"' in page
    line = db.session.query(AuditEntry).filter_by(verb="plan").one()
    assert line.changes["planned_on"] == [None, "2026-11-27"]
    told = dragged(as_alice, mailing, "2026-11-28", "draft-0", 409)
    assert "Alice Admin changed this mailing meanwhile: it is draft, planned for Friday, November 27" in told["message"]


def test_what_is_sent_already_is_not_moved(as_alice):
    make_people(1)
    mailing = make_mailing()
    scheduling.schedule(mailing, wall_clock.parse("now", NOW.replace(hour=23), "UTC"))
    mailing.state = "finished"
    db.session.commit()
    assert "is sent; it cannot be moved" in dragged(as_alice, mailing, "2026-11-26", "finished-2", 409)["message"]


def test_a_mailing_that_is_no_longer_ready_says_what_to_mend(as_alice):
    people = make_people(1)
    mailing = scheduled("2026-11-24T09:00")
    people[0].email = None
    db.session.commit()
    assert "Nobody would get it" in dragged(as_alice, mailing, "2026-11-26", "scheduled-2", 409)["message"]


def test_an_ask_is_due_on_another_day_and_its_history_says_who_moved_it(as_oscar, oscar):
    ask = factories.make_ask(None, oscar, due_on=date(2026, 11, 20))
    db.session.commit()
    told = dragged(as_oscar, ask, "2026-12-02", "1")
    assert (told["moved"], told["was"]) == (True, "2026-11-20")
    change = db.session.query(AskChange).order_by(AskChange.id.desc()).first()
    assert (change.user_id, change.changes) == (oscar.id, {"due_on": ["2026-11-20", "2026-12-02"]})


def test_of_two_who_move_an_ask_the_second_is_told(as_alice, as_oscar, oscar):
    ask = factories.make_ask(None, oscar, due_on=date(2026, 11, 20))
    db.session.commit()
    dragged(as_oscar, ask, "2026-12-02", "1")
    told = dragged(as_alice, ask, "2026-12-03", "1", 409)
    assert "Oscar Organizer changed this ask meanwhile: it is due on Wednesday, December 2, 2026" in told["message"]
    assert told["day"] == "2026-12-02"


def test_an_ask_that_is_over_or_not_seen_is_not_moved(as_alice, client_of, alice):
    north = factories.make_organization("North", is_member=True, via="north")
    nora = factories.make_user("organizer", organization_id=north.id)
    hidden = factories.make_ask(None, nora, category="resources", due_on=date(2026, 11, 20))
    over = factories.make_ask(None, alice, due_on=date(2026, 11, 20))
    asks.advance(over, "lapsed", alice)
    db.session.commit()
    assert "its day stays" in dragged(as_alice, over, "2026-12-02", "2", 409)["message"]
    assert as_alice.post(path(hidden), data={"day": "2026-12-02", "seen": "1"}, headers=FETCH).status_code == 404
    assert dragged(client_of(nora), hidden, "2026-12-02", "1")["moved"]


@pytest.mark.parametrize("place", ["tasks/1", "goals/1", "x/1", "mailings/999"])
def test_what_cannot_be_moved_has_no_such_page(as_alice, place):
    assert as_alice.get(f"/staff/calendar/{place}/move").status_code == 404


def test_what_is_taken_back_is_offered_the_same_time_again(as_alice):
    make_people(1)
    mailing = scheduled("2026-11-24T10:30")
    as_alice.send(f"/staff/mailings/{mailing.id}/take-back")
    assert 'value="2026-11-24T10:30"' in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
