"""Limits and warm-ups as admins set them."""

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.delivery import outbox, rates
from crm.delivery.models import SendingLimit, WarmUp
from crm.extensions import db
from tests.delivery.test_outbox import make_message

LIMITS = "/staff/delivery/limits"
GMAIL = {"scope": "domain", "name": "gmail.example"}
DOMAIN = "bridgeway.example"


def per_hour(scope: str = "domain", name: str = "gmail.example") -> int | None:
    row = db.session.get(SendingLimit, (scope, name))
    db.session.commit()
    return row.per_hour if row else None


def plan(first_day: int = 50, enough: int = 400, domain: str = DOMAIN, was: str = "none") -> dict:
    values = {"domain": domain, "first_day": first_day, "enough": enough, "was": was}
    return {f"warmup-{name}": value for name, value in values.items()}


def test_an_admin_sets_changes_and_lifts_a_limit_and_all_of_it_is_on_record(app, as_alice):
    page = as_alice.send(LIMITS, {**GMAIL, "per_hour": "1200"})
    assert "Mail to gmail.example" in page.text
    assert "1,200" in page.text
    as_alice.send(LIMITS, {**GMAIL, "per_hour": "600", "was": "1200"})
    assert per_hour() == 600
    as_alice.send(LIMITS + "/lift", {**GMAIL, "was": "600"})
    assert per_hour() is None
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.changes["per_hour"] for entry in entries] == [[None, 1200], [1200, 600], [600, None]]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"scope": "all", "name": "x.example", "per_hour": "5"}, "Leave this empty"),
        ({"scope": "domain", "name": "", "per_hour": "5"}, "Enter a domain"),
        ({"scope": "domain", "name": "a b.example", "per_hour": "5"}, "Enter a domain"),
        ({"scope": "sender", "name": "news", "per_hour": "5"}, "Enter the sender"),
        ({"scope": "all", "name": "", "per_hour": "0"}, "from 1 to"),
        ({"scope": "all", "name": "", "per_hour": "many"}, "Not a valid integer"),
    ],
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_stays(app, as_alice, typed, words):
    page = as_alice.send(LIMITS, typed)
    assert words in page.text
    assert f'value="{typed["per_hour"]}"' in page.text
    assert db.session.scalar(select(SendingLimit.scope)) is None


def test_a_limit_that_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(app, as_alice):
    rates.limit("domain", "gmail.example", 1000)
    db.session.commit()
    page = as_alice.send(LIMITS, {**GMAIL, "per_hour": "50", "was": "800"}, status=409)
    assert "It is 1,000 mails an hour now" in page.text
    assert 'value="50"' in page.text
    assert per_hour() == 1000
    as_alice.send(LIMITS, {**GMAIL, "per_hour": "50", "was": "1000"})
    assert per_hour() == 50


def test_a_new_limit_does_not_overwrite_one_that_stands(app, as_alice):
    rates.limit("all", "", 1000)
    db.session.commit()
    as_alice.send(LIMITS, {"scope": "all", "name": "", "per_hour": "5"}, status=409)
    assert per_hour("all", "") == 1000
    as_alice.send(LIMITS + "/lift", {"scope": "all", "name": "", "was": "5"})
    assert per_hour("all", "") == 1000


def test_a_warm_up_is_shown_day_by_day_with_what_today_has_used(one_hour, app, as_alice, deliver):
    as_alice.send(LIMITS + "/warm-up", plan(first_day=2, enough=16))
    message = make_message()
    for number in range(3):
        outbox.queue(message, f"p{number}@mail.example")
    assert len(deliver()) == 2
    page = as_alice.page(LIMITS)
    assert "Warm-up of <bdi>bridgeway.example</bdi>" in page.text
    assert "2 are used, so the rest waits until tomorrow" in page.text
    assert [f'<td class="number">{n}</td>' in page.text for n in (2, 4, 8, "All")] == [True] * 4
    assert "what today allows is used up" in as_alice.page("/staff/delivery/").text


def test_a_warm_up_is_ended_once_and_another_one_is_not_ended_by_mistake(one_hour, app, as_alice):
    as_alice.send(LIMITS + "/warm-up", plan())
    old = f"{clock.today()} 50 400"
    as_alice.send(LIMITS + "/warm-up", plan(first_day=60), status=409)
    as_alice.send(LIMITS + "/warm-up", plan(first_day=60, was=old))
    as_alice.send(LIMITS + "/warm-up/end", {"domain": DOMAIN, "was": old})
    assert db.session.scalars(select(WarmUp)).one().first_day == 60
    db.session.commit()
    as_alice.send(LIMITS + "/warm-up/end", {"domain": DOMAIN, "was": f"{clock.today()} 60 400"})
    assert db.session.scalar(select(WarmUp.domain)) is None


def test_a_plan_whose_first_day_is_enough_is_refused(app, as_alice):
    assert "Enter more than on the first day" in as_alice.send(LIMITS + "/warm-up", plan(first_day=500)).text


def test_the_outbox_tells_which_limit_holds_a_mailing(app, as_bob, deliver):
    rates.limit("all", "", 60)
    message = make_message()
    for number in range(3):
        outbox.queue(message, f"p{number}@mail.example")
    deliver()
    assert "the limit of all mail" in as_bob.page("/staff/delivery/").text
