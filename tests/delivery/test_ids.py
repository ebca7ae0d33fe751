"""Ids of deliveries beyond 32 bits."""

import pytest
from sqlalchemy import text

from crm.base.models import AuditEntry
from crm.delivery import outbox, suppression
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.site.demo import marks
from tests.delivery.bounces.samples import arrives, dsn
from tests.delivery.test_outbox import make_message

FIRST = 5_000_000_000


@pytest.fixture
def many(app):
    """A ledger that has given five billion ids."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT setval('delivery_id_seq', :number)"), {"number": FIRST})
    else:
        message = make_message()
        row = {"address": "x@y.example", "uuid": "0" * 32, "state": "sent", "next_attempt_at": message.created_at}
        db.session.add(Delivery(id=FIRST, message_id=message.id, **row))
    db.session.commit()


def test_a_copy_with_a_long_id_is_sent_deferred_and_sent_again(many, sink, deliver, app):
    message = make_message()
    assert outbox.queue(message, "amina@mail.example") == FIRST + 1
    assert outbox.queue(message, "later@mail.example") == FIRST + 2
    sink.script.rcpt = lambda address: "451 later" if "later" in address else "250 ok"
    assert [mail.recipient for mail in deliver()] == ["amina@mail.example"]
    assert outbox.counts(message.id)["sent"] == 1
    assert outbox.counts(message.id)["deferred"] == 1


def test_a_bounce_names_a_copy_with_a_long_id(many, sink, deliver, app):
    app.config["BOUNCE_DOMAIN"] = "bounce.example"
    number = outbox.queue(make_message(), "amina@mail.example")
    deliver()
    sender = sink["amina@mail.example"].sender
    assert len(sender.partition("@")[0]) <= 64
    arrives(dsn(to=sender))
    assert db.session.query(Bounce).one().delivery_id == number == FIRST + 1
    assert suppression.reasons("amina@mail.example") == {"*": "hard_bounce"}
    assert db.session.query(AuditEntry).filter_by(thing="delivery").one().thing_id == number


def test_sample_data_is_marked_by_long_ids(many):
    number = outbox.queue(make_message(), "amina@mail.example")
    marks.mark([{"table_name": "delivery", "row_id": number}])
    assert db.session.scalars(marks.marked("delivery")).all() == [number]
