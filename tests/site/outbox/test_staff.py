"""The outbox as staff see it: what waits and why, the rows behind the numbers, and uncertain copies."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm.base import clock
from crm.base.models import AuditEntry
from crm.delivery import outbox, rests
from crm.delivery.models import Delivery, Rest
from crm.extensions import db
from crm.mailings.models import MailingMessage
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_mailing
from tests.smtp_server import Script

OUTBOX = "/staff/delivery/"
UNCERTAIN = "/staff/delivery/uncertain"
RUDE = "550 5.1.1 <script>alert(1)</script> no such user"


def queue(*names: str, **values) -> int:
    message = make_message(**values)
    for name in names:
        outbox.queue(message, f"{name}@mail.example")
    db.session.commit()
    return message.id


@pytest.fixture
def doubtful(app) -> int:
    """A letter with three uncertain copies; returns the id of the message."""
    message_id = queue("a", "b", "c", on_uncertain="hold")
    db.session.execute(update(Delivery).values(state="uncertain", first_tried_at=clock.now()))
    db.session.commit()
    return message_id


def states() -> list[str]:
    found = list(db.session.scalars(select(Delivery.state).order_by(Delivery.id)))
    db.session.commit()
    return found


def verbs() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def test_the_page_tells_what_was_sent_and_what_servers_answered(app, as_bob, sink, deliver):
    sink.script.rcpt = lambda address: RUDE if address.startswith("b") else "250 ok"
    queue("a", "b", "c")
    deliver()
    page = as_bob.page(OUTBOX)
    text = " ".join(page.text.split())
    assert "Sent: </span>2" in text
    assert "550 5.1.1" in text
    assert "250 2.0.0" in text
    assert "Accepted (2xx)" in text


def test_a_number_opens_its_rows_with_the_answer_of_the_server_as_text(app, as_bob, sink, deliver):
    sink.script.rcpt = RUDE
    queue("amina")
    deliver()
    page = as_bob.page(OUTBOX + "copies/failed")
    assert "amina@mail.example" in page.text
    assert "550" in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; no such user" in page.text
    assert as_bob.get(OUTBOX + "copies/nowhere").status_code == 404


@pytest.mark.parametrize(
    "state", ["queued", "in_flight", "sent", "deferred", "failed", "suppressed", "canceled", "uncertain"]
)
def test_copies_of_each_state_are_listed(app, as_bob, state):
    queue("amina")
    db.session.execute(update(Delivery).values(state=state, first_tried_at=clock.now()))
    db.session.commit()
    assert "amina@mail.example" in as_bob.page(OUTBOX + f"copies/{state}").text


def test_what_rests_is_told_with_the_reason_and_an_admin_lets_it_try_now(app, as_bob, as_alice, sink):
    queue("a")
    rests.trouble(db.engine, "", "535 wrong password", permanent=True)
    assert "535 wrong password" in as_bob.page(OUTBOX).text
    assert "the mail server rests" in as_bob.page(OUTBOX).text
    assert "Try now" not in as_bob.page(OUTBOX).text
    assert "Try now" in as_alice.page(OUTBOX).text
    as_alice.post(OUTBOX + "try-now", data={"name": ""})
    assert db.session.get(Rest, "") is None
    assert "try_now" in verbs()


def test_the_page_tells_how_long_the_oldest_waits_and_what_holds_a_message(app, as_bob):
    message_id = queue("a")
    db.session.execute(update(Delivery).values(next_attempt_at=clock.now() - timedelta(hours=3, minutes=1)))
    db.session.commit()
    assert "3 hours" in as_bob.page(OUTBOX).text
    outbox.pause(message_id)
    db.session.commit()
    text = as_bob.page(OUTBOX).text
    assert "Nothing due" in text
    assert "somebody paused it" in text


def test_uncertain_copies_are_listed_with_their_message_id(app, as_bob, doubtful):
    row = db.session.scalars(select(Delivery).limit(1)).one()
    text = as_bob.page(UNCERTAIN).text
    assert f"&lt;{row.id}.{row.uuid}@bridgeway.example&gt;" in text
    assert "Send again" not in text


def test_the_message_id_on_the_page_is_that_of_the_mail(app, as_bob, sink, deliver):
    sink.script = Script(drop="accepted", drop_times=1)
    queue("a", on_uncertain="hold")
    deliver()
    assert sink["a@mail.example"].message["Message-ID"].strip("<>") in as_bob.page(UNCERTAIN).text


def test_one_copy_or_all_of_a_message_are_settled_once_however_often_staff_click(app, as_alice, doubtful):
    one = db.session.scalar(select(Delivery.id).order_by(Delivery.id).limit(1))
    db.session.commit()
    for _ in range(2):
        as_alice.post(f"{UNCERTAIN}/{doubtful}/accept", data={"delivery": one})
    assert states() == ["sent", "uncertain", "uncertain"]
    as_alice.post(f"{UNCERTAIN}/{doubtful}/send", data={"delivery": one})
    assert states() == ["sent", "uncertain", "uncertain"]
    as_alice.post(f"{UNCERTAIN}/{doubtful}/send")
    assert states() == ["sent", "queued", "queued"]
    assert verbs() == ["accept", "resend"]
    assert "Nothing is uncertain" in as_alice.page(UNCERTAIN).text


def test_a_copy_that_is_named_wrongly_settles_no_other(app, as_alice, doubtful):
    for act in ("send", "accept"):
        assert as_alice.post(f"{UNCERTAIN}/{doubtful}/{act}", data={"delivery": "1x"}).status_code == 400
    assert states() == ["uncertain", "uncertain", "uncertain"]


def test_what_is_sent_again_arrives(app, as_alice, doubtful, deliver):
    as_alice.post(f"{UNCERTAIN}/{doubtful}/send")
    assert len(deliver()) == 3


def test_a_finished_mailing_is_sending_again_once_a_copy_is_sent_again(app, as_alice, doubtful):
    mailing = make_mailing(state="finished", messages=[MailingMessage(message_id=doubtful, language="en")])
    db.session.commit()
    one = db.session.scalar(select(Delivery.id).order_by(Delivery.id).limit(1))
    db.session.commit()
    as_alice.post(f"{UNCERTAIN}/{doubtful}/send", data={"delivery": one})
    db.session.refresh(mailing)
    assert mailing.state == "sending"
    assert states() == ["queued", "uncertain", "uncertain"]
