"""The door to mail."""

import threading
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from sqlalchemy import insert, literal, select, text, update

from crm.base import clock, signing
from crm.contacts.models import Contact
from crm.delivery import freezing, outbox, rates, suppression
from crm.delivery.ledger import Ledger
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from tests import factories

BULK = {"kind": "bulk", "list_id": "action-alerts", "sender": "Bridgeway <news@bridgeway.example>"}


def make_message(**values) -> Message:
    texts = {"subject": "Hello", "html": '<p>Hello {{ first_name | default: "friend" }}</p>', "text": "Hello"}
    return outbox.write(**{**texts, **BULK, **values})


def test_a_queued_copy_reaches_its_address_once(app, sink, deliver):
    message = make_message()
    assert outbox.queue(message, " Amina@Mail.example ", contact_id=7, merge={"first_name": "Amina"}) is not None
    assert outbox.queue(message, "amina@mail.example") is None
    assert len(deliver()) == 1
    assert "Hello Amina" in sink["amina@mail.example"].html
    assert outbox.counts(message.id)["sent"] == 1
    assert outbox.finished(message.id)
    assert deliver() == []


def test_both_spellings_of_a_domain_are_one_address(app, sink, deliver):
    message = make_message()
    assert outbox.queue(message, "amina@xn--bcher-kva.example") is not None
    assert outbox.queue(message, "amina@Bücher.example") is None
    suppression.suppress("amina@XN--bcher-kva.example", "unsubscribe")
    assert deliver() == []
    assert outbox.counts(message.id)["suppressed"] == 1


def test_a_domain_in_no_valid_spelling_fails_and_stops_nobody_else(app, sink, deliver):
    message = make_message()
    for address in ("amina@xn--no-label-.example", "samir@mail.example"):
        outbox.queue(message, address)
    assert len(deliver()) == 1
    assert outbox.counts(message.id)["failed"] == 1


def test_an_audience_is_queued_once_however_often_it_is_frozen(app, sink, deliver):
    for number in range(5):
        factories.make_contact(f"person{number}@mail.example", first_name=f"Person {number}")
    message = make_message()
    audience = select(Contact.email, Contact.id, freezing.merge_values("first_name", Contact.first_name))
    assert freezing.queue_audience(message, audience.where(Contact.id <= 3)) == 3
    assert freezing.queue_audience(message, audience) == 2
    assert outbox.counts(message.id)["queued"] == 5
    deliver()
    assert "Hello Person 4" in sink["person4@mail.example"].html


def test_an_address_that_occurs_twice_in_an_audience_gets_one_copy_and_stops_no_other(app, sink, deliver):
    for address in ("amina@mail.example", "Amina@mail.example", "samir@mail.example"):
        factories.make_contact(address)
    message = make_message()
    audience = select(Contact.email, Contact.id, freezing.merge_values("first_name", Contact.first_name))
    assert freezing.queue_audience(message, audience) == 2
    assert len(deliver()) == 2
    assert sink["amina@mail.example"] and sink["samir@mail.example"]


def test_a_large_audience_is_queued_in_chunks_without_a_gap(app):
    people = [{"email": f"{number * 7919 % 1511:04d}@mail.example"} for number in range(1, 1511)]
    db.session.execute(insert(Contact), [{**one, "share_code": one["email"][:4]} for one in people])
    message = make_message()
    with patch.object(freezing, "FIRST_CHUNK", 100), patch.object(freezing, "LEAST_CHUNK", 7):
        audience = select(Contact.email, Contact.id, freezing.merge_values("first_name", Contact.first_name))
        assert freezing.queue_audience(message, audience) == 1510
    assert outbox.counts(message.id)["queued"] == 1510


def test_what_shall_still_hold_is_asked_when_a_copy_is_queued(app):
    for name in ("amina", "bea", "carol"):
        factories.make_contact(f"{name}@mail.example")
    message, chunks = make_message(), []
    audience = select(Contact.email, Contact.id, literal(None))

    def meanwhile():
        chunks.append(db.session.query(Contact).filter_by(email="carol@mail.example").update({"city": "Dayton"}))

    with patch.object(freezing, "FIRST_CHUNK", 1), patch.object(freezing, "MOST_CHUNK", 1):
        still = audience.where(Contact.city == "")
        assert freezing.queue_audience(message, audience, still=still, before_chunk=meanwhile) == 2
    assert len(chunks) == 3
    assert outbox.counts(message.id)["queued"] == 2


def test_an_audience_without_merge_values_gets_the_defaults(app, sink, deliver):
    factories.make_contact("amina@mail.example")
    message = make_message()
    assert freezing.queue_audience(message, select(Contact.email, Contact.id, literal(None))) == 1
    deliver()
    assert "Hello friend" in sink["amina@mail.example"].html


def test_a_paused_message_waits_and_goes_on(app, sink, deliver):
    message = make_message()
    outbox.queue(message, "amina@mail.example")
    assert outbox.pause(message.id)
    assert deliver() == []
    assert not outbox.finished(message.id)
    assert outbox.resume(message.id)
    assert len(deliver()) == 1


def test_a_canceled_message_counts_its_waiting_copies_as_canceled_at_once(app, sink, deliver):
    message = make_message()
    outbox.queue(message, "amina@mail.example")
    assert outbox.cancel(message.id)
    assert not outbox.cancel(message.id)
    assert outbox.counts(message.id)["canceled"] == 1
    assert outbox.finished(message.id)
    assert deliver() == []
    assert outbox.sweep_canceled() == 1
    assert db.session.scalars(select(Delivery.state)).all() == ["canceled"]


@pytest.mark.parametrize(
    ("state", "on_uncertain", "resends", "finished"),
    [
        ("sent", "resend", 0, True),
        ("failed", "resend", 0, True),
        ("suppressed", "resend", 0, True),
        ("canceled", "resend", 0, True),
        ("queued", "resend", 0, False),
        ("deferred", "resend", 0, False),
        ("in_flight", "resend", 0, False),
        ("uncertain", "resend", 0, False),
        ("uncertain", "resend", 4, False),
        ("uncertain", "resend", 5, True),
        ("uncertain", "hold", 0, True),
    ],
)
def test_a_message_is_finished_when_nothing_of_it_will_be_sent_any_more(app, state, on_uncertain, resends, finished):
    message, other = make_message(on_uncertain=on_uncertain), make_message()
    for address in ("amina@mail.example", "badu@mail.example"):
        outbox.queue(message, address)
    outbox.queue(other, "amina@mail.example")
    copies = update(Delivery).where(Delivery.message_id == message.id)
    db.session.execute(copies.values(state="sent"))
    last = copies.where(Delivery.address == "badu@mail.example")
    db.session.execute(last.values(state=state, owner="worker", resends=resends))
    assert outbox.finished(message.id) == finished
    assert not outbox.finished(other.id)


@pytest.mark.parametrize(("state", "finished"), [("uncertain", True), ("deferred", True), ("in_flight", False)])
def test_a_canceled_message_waits_only_for_what_is_on_the_wire(app, state, finished):
    message = make_message()
    outbox.queue(message, "amina@mail.example")
    db.session.execute(update(Delivery).values(state=state, owner="worker"))
    outbox.cancel(message.id)
    assert outbox.finished(message.id) == finished


def test_whether_a_message_is_finished_is_read_from_partial_indexes_and_not_from_all_its_copies(app):
    explain = "EXPLAIN QUERY PLAN"
    if db.engine.dialect.name == "postgresql":
        explain = "EXPLAIN"
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # It likes small tables too much.
    plan = str(db.session.execute(text(f"{explain} {outbox.FINISHED}"), {"id": 1}).all())
    for index in ("ix_delivery_waiting", "ix_delivery_in_flight", "ix_delivery_uncertain"):
        assert index in plan
    assert "uq_delivery" not in plan


def test_whoever_unsubscribes_gets_no_bulk_mail_but_receipts(app, sink, deliver):
    bulk, receipt = make_message(), make_message(kind="transactional")
    outbox.queue(bulk, "amina@mail.example")
    outbox.queue(receipt, "amina@mail.example")
    suppression.suppress("AMINA@mail.example", "unsubscribe", "action-alerts")
    assert outbox.counts(bulk.id)["suppressed"] == 1
    assert [mail.message["Auto-Submitted"] for mail in deliver()] == ["auto-generated"]


def test_the_suppression_is_looked_at_again_when_a_copy_is_taken(app, sink, deliver):
    suppression.suppress("amina@mail.example", "unsubscribe")
    message = make_message()
    outbox.queue(message, "amina@mail.example")
    outbox.queue(message, "badu@mail.example")
    assert [mail.recipient for mail in deliver()] == ["badu@mail.example"]
    assert outbox.counts(message.id)["suppressed"] == 1


def test_two_copies_to_one_address_that_are_taken_together_are_both_stopped(app, sink, deliver):
    suppression.suppress("amina@mail.example", "unsubscribe")
    message = make_message()
    for occasion in ("morning", "evening"):
        outbox.queue(message, "amina@mail.example", occasion=occasion)
    outbox.queue(message, "badu@mail.example")
    assert [mail.recipient for mail in deliver()] == ["badu@mail.example"]
    assert outbox.counts(message.id)["suppressed"] == 2


def test_a_bounced_address_gets_nothing_at_all(app, sink, deliver):
    receipt = make_message(kind="transactional")
    suppression.suppress("amina@mail.example", "hard_bounce")
    outbox.queue(receipt, "amina@mail.example")
    assert deliver() == []
    assert suppression.blocks("amina@mail.example", kind="transactional")
    suppression.suppress("amina@mail.example", "unsubscribe")
    assert suppression.reasons("amina@mail.example") == {"*": "hard_bounce"}
    assert suppression.lift("amina@mail.example", by="alice@bridgeway.example", reason="mailbox was full")
    assert not suppression.blocks("amina@mail.example", kind="transactional")


def test_a_pause_in_the_middle_of_sending_bites_within_a_second(app, sink, deliver):
    app.config.update(WORKER_CONNECTIONS=1)
    message = make_message()
    for number in range(30):
        outbox.queue(message, f"person{number}@mail.example")

    def answer_slowly(_: str) -> str:
        if not sink.mails:
            with app.app_context():
                outbox.pause(message.id)
                db.session.commit()
        time.sleep(0.3)
        return "250 ok"

    sink.script.final = answer_slowly
    assert len(deliver()) <= 4
    assert outbox.counts(message.id)["queued"] >= 26


def test_no_claim_commits_after_an_unsubscribe(app):
    message = make_message()
    outbox.queue(message, "amina@mail.example")
    db.session.commit()
    ledger = Ledger(db.engine, "worker", 120, 10, signing.key("suppression"))
    taken: list = []
    suppression.suppress("amina@mail.example", "unsubscribe")
    claim = threading.Thread(target=lambda: taken.append(ledger.turn([], 10)))
    claim.start()
    claim.join(0.2)
    assert claim.is_alive(), "the claim must wait for the unsubscribe that is under way"
    db.session.commit()
    claim.join(10)
    assert taken == [[]]
    assert outbox.counts(message.id)["suppressed"] == 1


@pytest.mark.parametrize("values", [{"kind": "spam"}, {"on_uncertain": "panic"}])
def test_unknown_kinds_are_refused(app, values):
    with pytest.raises(ValueError, match="unknown"):
        make_message(**values)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has one host.
def test_a_host_whose_clock_is_ahead_delays_no_mail(app, sink, deliver):
    factories.make_contact("amina@mail.example")
    message, letter = make_message(), make_message(kind="transactional")
    outbox.queue(letter, "booked@mail.example")
    later = clock.now() + timedelta(hours=1)
    db.session.execute(update(Delivery).values(next_attempt_at=later))
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        freezing.queue_audience(message, select(Contact.email, Contact.id, literal(None)))
        outbox.queue(letter, "samir@mail.example")
        held = outbox.queue(letter, "dolores@mail.example")
        db.session.execute(update(Delivery).where(Delivery.id == held).values(state="uncertain"))
        outbox.resend_uncertain(letter.id)
        rates.limit(rates.ALL, "", 3_600_000)
        rates.limit(rates.DOMAIN, "mail.example", None)
        db.session.commit()
        rates.let_go()
    assert {mail.recipient[0] for mail in deliver()} == {"a", "s", "d", "b"}
