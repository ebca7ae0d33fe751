"""Who gets which step of a sequence, and when."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts import leaving, tagging
from crm.contacts.merging import copies, uniting
from crm.contacts.models import Contact
from crm.delivery import outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import composing
from crm.mailings.models import MailingText
from crm.mailings.sequences import counting, editing, living, running
from crm.mailings.sequences.models import Sequence, SequenceRun
from tests import factories
from tests.contacts.custom_fields.makers import make_field
from tests.mailings.makers import make_segment, topic_id
from tests.mailings.sequences.makers import make_sequence, start
from tests.mailings.test_holding import told

BEGIN = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)  # A Friday at noon in New York; clocks go back on Sunday.


@pytest.fixture
def now(app) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller


def confirm(address: str, **values) -> Contact:
    contact = factories.make_contact(address, topics={"action-alerts": "active"}, confirmed_at=clock.now(), **values)
    db.session.commit()
    return contact


def live(now: time_machine.Traveller, days: float, every: timedelta = timedelta(hours=1)) -> dict[int, str]:
    """Let that many days pass; return when each copy was queued, by its id."""
    seen: dict[int, str] = {}
    for _ in range(int(timedelta(days=days) / every) + 1):
        running.work()
        for number in db.session.scalars(select(Delivery.id)):
            seen.setdefault(number, f"{clock.now():%m-%d %H:%M}")
        now.shift(every)
    now.shift(-every)
    return seen


def got(address: str) -> list[str]:
    """The texts of what was queued for an address, in order."""
    query = select(Message.text).join(Delivery, Message.id == Delivery.message_id)
    rows = db.session.scalars(query.where(Delivery.address == address).order_by(Delivery.id))
    return [re.split(" for (?!all)", text)[0].split("\n")[0] for text in rows]


def moments(seen: dict[int, str], address: str) -> list[str]:
    rows = db.session.scalars(select(Delivery.id).where(Delivery.address == address).order_by(Delivery.id))
    return [seen[number] for number in rows]


def reasons() -> dict[str, str]:
    rows = select(Contact.email, SequenceRun.reason).join(Contact, Contact.id == SequenceRun.contact_id)
    return dict(db.session.execute(rows).all())


def test_each_step_comes_in_order_at_the_hour_of_the_contact_over_the_change_of_clocks(now):
    start(make_sequence([(0, None), (2, 9 * 60), (7, 9 * 60)]))
    now.shift(timedelta(minutes=5))
    confirm("ny@mail.example", state="NY")
    confirm("ca@mail.example", state="CA")
    seen = live(now, 12, every=timedelta(minutes=30))
    # Nine o'clock in New York is 14:00 UTC after the change, in California 17:00.
    assert got("ny@mail.example") == got("ca@mail.example") == ["Step 1", "Step 2", "Step 3"]
    assert moments(seen, "ny@mail.example") == ["10-30 16:05", "11-01 14:05", "11-08 14:05"]
    assert moments(seen, "ca@mail.example") == ["10-30 16:05", "11-01 17:05", "11-08 17:05"]
    assert set(db.session.scalars(select(SequenceRun.state))) == {"done"}


def test_who_confirmed_before_or_is_not_subscribed_gets_nothing(now):
    before = confirm("before@mail.example")
    now.shift(timedelta(hours=1))
    start(make_sequence([(0, None)]))
    factories.make_contact("pending@mail.example", topics={"action-alerts": "pending"})
    other = confirm("other@mail.example")
    other.subscriptions[0].state = "unsubscribed"
    db.session.commit()
    live(now, 1)
    assert db.session.query(Delivery).count() == 0
    assert reasons() == {"other@mail.example": "No longer subscribed"}
    assert before.id not in set(db.session.scalars(select(SequenceRun.contact_id)))


def test_who_leaves_or_reaches_the_goal_in_the_middle_gets_no_further_step(now):
    segment = make_segment("Signed", tag="signed")
    start(make_sequence([(0, None), (3, None)], goal_id=segment.id))
    leaver, arrived, stays = (confirm(f"{name}@mail.example") for name in ("leaver", "arrived", "stays"))
    live(now, 1)
    leaving.unsubscribe(leaver, None, method="unsubscribe_page", place="test")
    tagging.add([arrived.id], "signed")
    db.session.commit()
    live(now, 3)
    assert [len(got(one.email)) for one in (leaver, arrived, stays)] == [1, 1, 2]
    told = {"leaver@mail.example": "No longer subscribed", "arrived@mail.example": "Reached the goal"}
    assert reasons() == told | {"stays@mail.example": ""}


def test_who_is_not_in_the_segment_of_a_step_skips_it(now):
    sequence = make_sequence([(0, None), (1, None), (1, None)])
    segment = make_segment("Ohio", state="OH")
    editing.change_step(sequence.steps[1], {"segment_id": segment.id})
    start(sequence)
    confirm("oh@mail.example", state="OH")
    confirm("mi@mail.example", state="MI")
    live(now, 4)
    assert got("oh@mail.example") == ["Step 1", "Step 2", "Step 3"]
    assert got("mi@mail.example") == ["Step 1", "Step 3"]


def test_a_tag_begins_it_for_whoever_gets_it_from_now_on(now):
    old, new = confirm("old@mail.example"), confirm("new@mail.example")
    tagging.add([old.id], "provider")
    db.session.commit()
    start(make_sequence([(0, None)], trigger="tagged", trigger_value="provider"))
    live(now, 0.2)
    tagging.add([new.id], "provider")
    db.session.commit()
    live(now, 0.2)
    assert (got("old@mail.example"), len(got("new@mail.example"))) == ([], 1)
    sequence = db.session.scalars(select(Sequence)).one()
    assert counting.of(sequence).states == {"running": 0, "done": 1, "left": 0, "before": 1}


def test_each_gets_the_own_language(now):
    sequence = make_sequence([(0, None)])
    sequence.steps[0].mailing.texts.append(MailingText(language="es", subject="Hola", preheader="Sí", body="Paso 1"))
    start(sequence)
    confirm("es@mail.example", language="es")
    confirm("ar@mail.example", language="ar")
    live(now, 0.1)
    assert got("es@mail.example") == ["Paso 1"]
    assert got("ar@mail.example") == ["Step 1"]


def test_a_changed_text_goes_out_once_it_is_published(now):
    sequence = make_sequence([(0, None)])
    start(sequence)
    mailing = sequence.steps[0].mailing
    composing.save(mailing, {"body": "Better for all"}, version=mailing.version)
    db.session.commit()
    confirm("first@mail.example")
    live(now, 0.1)
    living.publish(sequence.steps[0], sequence.steps[0].mailing.version)
    db.session.commit()
    confirm("second@mail.example")
    live(now, 0.1)
    assert [got(f"{one}@mail.example") for one in ("first", "second")] == [["Step 1"], ["Better for all"]]


def test_paused_it_sends_nothing_and_goes_on_where_it_was(now):
    sequence = make_sequence([(0, None), (1, None)])
    start(sequence)
    confirm("a@mail.example")
    live(now, 0.1)
    living.pause(sequence)
    db.session.commit()
    live(now, 3)
    assert len(got("a@mail.example")) == 1
    start(sequence)
    live(now, 0.1)
    assert len(got("a@mail.example")) == 2


def test_a_step_that_is_taken_out_is_not_waited_for(now):
    sequence = make_sequence([(0, None), (1, None), (5, None)])
    start(sequence)
    confirm("a@mail.example")
    live(now, 0.1)
    editing.remove_step(sequence.steps[1])
    db.session.commit()
    live(now, 2)
    assert got("a@mail.example") == ["Step 1", "Step 3"]


def test_who_comes_to_a_step_that_was_added_waits_until_it_is_published(now):
    sequence = make_sequence([(0, None)])
    start(sequence)
    step = editing.add_step(sequence, "alice@bridgeway.example")
    editing.change_step(step, {"days": 1})
    composing.save(step.mailing, {"body": "Step 2", "preheader": "x", "markup": "markdown"}, version=1)
    db.session.commit()
    confirm("a@mail.example")
    live(now, 2)
    assert got("a@mail.example") == ["Step 1"]
    living.publish(step, step.mailing.version)
    db.session.commit()
    live(now, 0.1)
    assert got("a@mail.example") == ["Step 1", "Step 2"]


def test_what_is_queued_waits_while_it_is_paused_and_is_canceled_at_the_end(now):
    sequence = make_sequence([(0, None)])
    start(sequence)
    confirm("a@mail.example")
    live(now, 0.1)
    message = db.session.get_one(Message, sequence.steps[0].mailing.message_ids[0])
    for act, state in ((living.pause, "paused"), (start, "open"), (living.end, "canceled")):
        act(sequence)
        db.session.commit()
        db.session.refresh(message)
        assert message.state == state


def test_one_whose_mail_was_refused_is_paused_with_the_reason_and_whoever_started_it_is_told(now, alice):
    sequence = make_sequence([(0, None)])
    start(sequence)
    message = db.session.get_one(Message, sequence.steps[0].mailing.message_ids[0])
    message.state, message.pause_reason = "paused", "Refused too often"
    db.session.query(AuditEntry).filter_by(thing="sequence", verb="start").update({"actor": alice.email})
    db.session.commit()
    living.hold_refused()
    assert told("A sequence is paused") == [alice.email]
    db.session.refresh(sequence)
    assert (sequence.state, sequence.problem) == ("paused", "Refused too often")


def test_two_people_who_become_one_get_no_step_twice(now, alice):
    start(make_sequence([(0, None), (1, None)]))
    kept, gone = confirm("kept@mail.example"), confirm("gone@mail.example")
    live(now, 0.1)
    merged = uniting.merge(kept.id, gone.id, (), alice)
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    live(now, 2)
    assert got("kept@mail.example") == ["Step 1", "Step 2"]


def test_one_that_cannot_go_on_holds_up_no_other(now, monkeypatch):
    broken, fine = make_sequence([(0, None)], name="Broken"), make_sequence([(0, None)], name="Fine")
    start(broken)
    start(fine)
    confirm("a@mail.example")
    real = outbox.queue

    def queue(message, *args, **words):
        if message in broken.steps[0].mailing.message_ids:
            raise RuntimeError("no such message")
        return real(message, *args, **words)

    monkeypatch.setattr(outbox, "queue", queue)
    running.work()
    db.session.expire_all()
    assert (broken.state, broken.problem) == ("paused", running.FAULT)
    assert (fine.state, len(got("a@mail.example"))) == ("live", 1)


@pytest.mark.parametrize("of", ["goal", "step"])
def test_one_whose_segment_cannot_be_evaluated_says_so_and_no_word_of_a_fault(now, as_alice, of):
    field = make_field()
    segment = make_segment("Lawyers" * 25, **{f"custom_{field.key}": "law"})
    sequence = make_sequence([(0, None)], goal_id=segment.id if of == "goal" else None)
    sequence.steps[0].segment_id = segment.id if of == "step" else None
    start(sequence)
    db.session.delete(field)
    confirm("a@mail.example")
    running.work()
    db.session.expire_all()
    assert sequence.state == "paused"
    assert sequence.problem.startswith("The segment Lawyers")
    assert "fault" not in sequence.problem
    assert "The segment Lawyers" in as_alice.page(f"/staff/sequences/{sequence.id}").text


def test_a_restored_copy_waits_for_somebody_s_word(now):
    sequence = make_sequence([(0, None)])
    start(sequence)
    assert living.hold_restored(clock.now()) == 1
    db.session.commit()
    db.session.refresh(sequence)
    assert sequence.state == "paused"
    assert "2026-10-30" in sequence.problem
    assert topic_id() == sequence.topic_id
