"""Steps under the frequency cap wait until it allows them: none is dropped, doubled, or sent too early."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from crm.base import clock
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings.capping import rule, turns
from crm.mailings.sequences import counting, living, running
from crm.mailings.sequences.models import Sequence, SequenceRun
from tests import factories
from tests.mailings.capping.makers import make_cap, reached, release
from tests.mailings.makers import make_mailing
from tests.mailings.sequences.makers import make_sequence, start

BEGIN = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)  # A Friday at noon in New York; clocks go back on Sunday.


@pytest.fixture
def now(app) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller


def confirm(name: str, **values) -> Contact:
    values = {"topics": {"action-alerts": "active"}, "confirmed_at": clock.now(), "state": "NY", **values}
    contact = factories.make_contact(f"{name}@mail.example", **values)
    db.session.commit()
    return contact


def send() -> None:
    db.session.query(Delivery).filter_by(state="queued").update({"state": "sent", "sent_at": clock.now()})
    db.session.commit()


def live(now: time_machine.Traveller, days: float, every: timedelta = timedelta(hours=1)) -> None:
    """Let that many days pass; what is queued is sent at once."""
    for _ in range(int(timedelta(days=days) / every)):
        now.shift(every)
        running.work()
        send()


def sent_at(contact: Contact) -> list[str]:
    rows = db.session.query(Delivery.sent_at).filter_by(contact_id=contact.id).order_by(Delivery.sent_at, Delivery.id)
    return [f"{row.sent_at:%m-%d %H:%M}" for row in rows]


def steps_of(contact: Contact) -> list[str]:
    rows = db.session.query(Delivery.occasion).filter_by(contact_id=contact.id).order_by(Delivery.id)
    return [row.occasion for row in rows if row.occasion]


@pytest.fixture
def sequence(now) -> Sequence:
    """One at once, one the next day at nine o'clock of everybody's own time, one the day after that."""
    found = make_sequence([(0, None), (1, 9 * 60), (1, 9 * 60)])
    start(found)
    now.shift(timedelta(minutes=5))
    return found


def test_a_step_that_would_be_one_too_many_goes_at_its_hour_when_the_cap_allows_it(sequence, now):
    make_cap(most=2, days=4)
    amina = confirm("amina")
    live(now, 10)
    # The third one waits until the first is four days old, and for nine o'clock in New York after that.
    assert sent_at(amina) == ["10-30 17:05", "10-31 13:05", "11-04 14:05"]
    assert steps_of(amina) == [f"step:{step.id}" for step in sequence.steps]


def test_who_waits_for_the_cap_is_told_on_the_page(sequence, now, client_of, alice):
    make_cap(most=1, days=7)
    confirm("amina")
    live(now, 2)
    assert counting.of(sequence).steps[sequence.steps[1].id].put_off == 1
    client = client_of(alice)
    page = client.page(f"/staff/sequences/{sequence.id}").text
    assert "1 for the frequency cap" in page
    people = client.page(f"/staff/sequences/{sequence.id}/people?step={sequence.steps[1].id}&part=put_off").text
    assert "waits for the frequency cap" in people
    review = client.page(f"/staff/mailings/{sequence.steps[1].mailing_id}/review").text
    assert "waits for it until the cap allows" in review


def test_mailings_and_steps_count_for_each_other_and_what_only_waits_does_too(sequence, now):
    make_cap(most=1, days=7)
    amina, bao = confirm("amina"), confirm("bao", topics={"action-alerts": "active", "research": "active"})
    mailing = release(make_mailing("research"))
    assert reached(mailing) == {bao.email}
    running.work()
    send()
    assert (len(steps_of(amina)), steps_of(bao)) == (1, [])
    carla = confirm("carla", confirmed_at=None)
    assert reached(release(make_mailing())) == {carla.email}
    live(now, 8)
    assert len(steps_of(bao)) == 1


def test_kinds_that_go_to_all_the_same_wait_for_nothing(sequence, now):
    make_cap(most=1, days=7, free_kinds=["newsletter"])
    amina = confirm("amina")
    live(now, 4)
    assert len(steps_of(amina)) == 3


def test_whoever_skips_or_leaves_does_not_wait_for_the_cap(sequence, now):
    make_cap(most=1, days=7)
    amina = confirm("amina")
    live(now, 0.1)
    amina.subscriptions[0].state = "unsubscribed"
    db.session.commit()
    live(now, 2)
    assert db.session.query(SequenceRun.state, SequenceRun.reason).one() == ("left", "No longer subscribed")


def test_where_the_cap_is_lifted_or_loosened_those_who_wait_go_on_at_the_next_hour_of_the_step(sequence, now):
    cap = make_cap(most=1, days=30)
    amina = confirm("amina")
    live(now, 3)
    assert len(sent_at(amina)) == 1
    cap.most, cap.version = 2, cap.version + 1
    db.session.commit()
    live(now, 2)
    assert sent_at(amina)[1:] == ["11-03 14:05"]
    cap.active, cap.version = False, cap.version + 1
    db.session.commit()
    live(now, 2)
    assert len(steps_of(amina)) == 3


def test_while_an_audience_is_frozen_steps_under_a_cap_wait_and_the_turn_comes_back(sequence, now):
    make_cap(most=1)
    amina, mailing = confirm("amina"), make_mailing()
    db.session.commit()
    turn = turns.take(mailing.id)
    running.work()
    assert steps_of(amina) == []
    turns.give_back(turn)
    running.work()
    assert len(steps_of(amina)) == 1 and turns.take(mailing.id)


def test_who_loses_the_turn_amid_queues_nothing_and_tries_again(sequence, now, monkeypatch):
    make_cap(most=1)
    amina = confirm("amina")
    real = turns.renew

    def lost(_turn):
        monkeypatch.setattr(turns, "renew", real)
        raise turns.Lost

    monkeypatch.setattr(turns, "renew", lost)
    running.work()
    assert steps_of(amina) == []
    running.work()
    assert len(steps_of(amina)) == 1


def test_an_ended_sequence_holds_nobody_for_the_cap(sequence, now):
    make_cap(most=1)
    confirm("amina")
    live(now, 2)
    living.end(sequence)
    db.session.commit()
    assert counting.of(sequence).steps[sequence.steps[1].id].put_off == 0


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_those_had_whose_turn_it_is_is_read_by_contact_however_many_copies_there_are(app):
    cap, mailing, asked = make_cap(), make_mailing(), []

    def note(_connection, _cursor, statement, values, *_more) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    rule.moments(cap, mailing, [1, 2])
    event.remove(db.engine, "before_cursor_execute", note)
    statement, values = asked[-1]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    assert "ix_delivery_contact_id" in str(plan.all())
