"""Looking at a mailing takes its time, and holds up nobody who wants to write meanwhile."""

import threading

import pytest
from sqlalchemy import update

from crm.base import clock
from crm.extensions import db
from crm.mailings import rendering, scheduling
from crm.mailings.models import Mailing
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.test_staff import only, typed

NOW = {"version": 1, "when": "now", "zone": "UTC"}


@pytest.fixture
def meanwhile(app, monkeypatch):
    """Let somebody else change the mailing, by a connection of their own, whenever the mail is made."""
    engine, real = db.engine, rendering.render

    def begin(**change):
        done = []

        def write():
            with engine.begin() as connection:
                connection.execute(update(Mailing).values(change))
            done.append(True)

        def render(*args, **words):
            other = threading.Thread(target=write)
            other.start()
            other.join()
            return real(*args, **words)

        monkeypatch.setattr(rendering, "render", render)
        return done

    return begin


@pytest.fixture
def mailing(app):
    make_people(1)
    return make_mailing()


def test_scheduling_says_what_changed_while_it_was_checked(as_alice, mailing, meanwhile):
    done = meanwhile(version=2, subject="By Oscar")
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", NOW)
    assert done
    assert "Somebody changed this mailing since you looked at it" in page.text
    assert "By Oscar" in page.text
    assert 'name="version" type="hidden" value="2"' in page.text
    assert (only().state, only().subject) == ("draft", "By Oscar")


def test_scheduling_says_that_it_was_canceled_while_it_was_checked(as_alice, mailing, meanwhile):
    done = meanwhile(state="canceled")
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", NOW)
    assert done
    assert "this mailing is canceled" in page.text
    assert only().state == "canceled"


@pytest.mark.parametrize("act", ["schedule", "test", "resume", "preview", "edit"])
def test_others_write_while_a_mail_is_made(as_alice, mailing, meanwhile, act):
    mailing.state = "paused" if act == "resume" else "draft"
    db.session.commit()
    number, done = mailing.id, meanwhile(preheader="Meanwhile")
    address = "/staff/mailings/preview" if act == "preview" else f"/staff/mailings/{number}/{act}"
    values = typed(then="review") if act == "edit" else {**typed(), **NOW, "test-to": "alice@bridgeway.example"}
    assert as_alice.post(address, data=values, follow_redirects=True).status_code == 200
    assert done
    found = only()
    assert found.preheader == "Meanwhile"
    assert found.state == ("scheduled" if act in ("schedule", "resume") else "draft")


def test_others_write_while_a_mailing_is_released_and_its_change_waits_for_the_next_tick(mailing, meanwhile):
    scheduling.schedule(mailing, scheduling.Planned(clock.now(), "UTC", "2026-01-01T00:00"))
    db.session.commit()
    done = meanwhile(version=7, subject="By Oscar")
    scheduling.release_due()
    assert done
    assert only().state == "scheduled"
    scheduling.release_due()
    assert only().state == "sending"


def test_of_two_who_schedule_the_second_is_told(as_alice, as_oscar, mailing):
    later = {"at": "2099-12-01T09:00", "zone": "UTC", "version": 1, "when": "later"}
    as_oscar.send(f"/staff/mailings/{mailing.id}/schedule", later)
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {**later, "at": "2099-12-02T09:00"})
    assert "Somebody changed" in page.text
    assert only().scheduled_at.day == 1
