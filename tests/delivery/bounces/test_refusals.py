"""What mail servers refuse while we send, judged off the hot path; and mailings that pause themselves."""

import pytest
from sqlalchemy import select, text, update

from crm.delivery import outbox, suppression
from crm.delivery.bounces import blocks, refusals
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery, Message
from crm.extensions import db, mail
from crm.mailings import scheduling
from crm.mailings.models import Mailing, MailingMessage
from tests.delivery.bounces.samples import arrives, dsn, verp
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_mailing
from tests.sending import send_due
from tests.smtp_server import Script, SmtpServer

AMINA = "amina@mail.example"


def refused_with(app, reply: str, at: str = "rcpt") -> Bounce:
    with SmtpServer(Script(**{at: reply})) as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, WORKER_CONNECTIONS=1)
        mail.init_app(app)
        outbox.queue(make_message(), AMINA)
        send_due(app)
    assert refusals.judge_new() == 1
    return db.session.scalars(select(Bounce)).one()


@pytest.mark.parametrize("reply", ["550 5.1.1 User unknown", "550-5.1.1 no\r\n550 5.1.1 such", "551 No such user here"])
def test_a_refused_recipient_who_does_not_exist_is_suppressed(app, reply):
    row = refused_with(app, reply)
    assert (row.kind, row.source, row.effect, row.attribution) == ("hard", "smtp", "suppressed", "ledger")
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.7.1 We do not like you", "block"),
        ("554 5.7.26 Unauthenticated", "block"),
        ("550 5.1.0 <news@bridgeway.example>: Sender address rejected: User unknown in virtual mailbox table", "block"),
        ("553 5.1.8 Sender verify failed", "block"),
        ("552 5.2.2 Mailbox full", "soft"),
        ("550 5.1.1 Mailbox is full", "soft"),
        ("550 relay not permitted", "soft"),
        ("554 No", "soft"),
        ("550 Your account has been disabled", "block"),
        ("550 Your sending account is disabled for abuse", "block"),
        ("550 User disabled: sending is not allowed", "block"),
        ("550 IP address 192.0.2.7 not found in reverse DNS", "block"),
        ("550 Sender address does not exist", "block"),
        ("550 5.1.0 Sender address does not exist", "block"),
        ("550 Return path address does not exist", "block"),
        ("550 5.1.0 Return-Path address doesn't exist", "block"),
        ("550 Invalid address literal in HELO", "block"),
        ("550 Invalid user in EHLO", "block"),
        ("550 Account disabled", "soft"),
        ("550 Unknown address", "soft"),
    ],
)
def test_a_refusal_of_another_kind_leaves_the_address_alive(app, reply, kind):
    assert refused_with(app, reply).kind == kind
    assert suppression.reasons(AMINA) == {}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 Rejected: header From address does not exist", "block"),
        ("550 5.1.0 Header From address does not exist", "block"),
        ("550 Link to a user unknown to us", "soft"),
        ("550 Mailbox in the signature does not exist", "soft"),
    ],
)
@pytest.mark.parametrize("at", ["data", "final"])
def test_a_refusal_of_the_text_blames_no_recipient_by_words_alone(app, at, reply, kind):
    assert refused_with(app, reply, at).kind == kind
    assert suppression.reasons(AMINA) == {}


def test_a_status_of_the_recipient_counts_after_the_text_too(app):
    row = refused_with(app, "550 5.1.1 no such user", "final")
    assert (row.kind, row.diagnostic) == ("hard", "550 after end of data: 5.1.1 no such user")


def test_each_refusal_is_judged_once(app):
    refused_with(app, "550 5.1.1 User unknown")
    suppression.lift(AMINA, by="alice@bridgeway.example")
    db.session.commit()
    assert refusals.judge_new() == 0
    assert suppression.reasons(AMINA) == {}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # PostgreSQL needs a large table to choose an index.
def test_looking_for_refusals_reads_the_index_of_failures_alone(app):
    query = refusals.unjudged().compile(compile_kwargs={"literal_binds": True})
    plan = str(db.session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
    assert "ix_delivery_failed" in plan and "SCAN delivery" not in plan


def test_what_we_ourselves_could_not_send_is_nobodys_refusal(app):
    outbox.queue(make_message(), "not an address")
    with SmtpServer() as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port)
        mail.init_app(app)
        send_due(app)
    assert refusals.judge_new() == 0


def going_out(copies: int, tried: int) -> tuple[Message, list[Delivery]]:
    """Return a message of so many copies, of which the first have left, and those."""
    message = make_message()
    for number in range(copies):
        outbox.queue(message, f"person{number}@mail.example")
    rows = list(db.session.scalars(select(Delivery).order_by(Delivery.id)))
    gone = [row.id for row in rows[:tried]]
    db.session.execute(update(Delivery).where(Delivery.id.in_(gone)).values(state="sent", sent_at=message.created_at))
    return message, rows[:tried]


def come_back(deliveries: list[Delivery], status: str = "5.7.1") -> None:
    for delivery in deliveries:
        arrives(dsn(status, to=verp(delivery)))
    blocks.pause_refused()
    db.session.expire_all()


def test_a_mailing_pauses_itself_above_two_percent_blocks_in_its_last_500(app):
    message, gone = going_out(520, 510)
    come_back(gone[-10:])
    assert message.state == "open"
    come_back(gone[-11:-10])
    assert message.state == "paused"
    assert "11 of its last 500 copies" in message.pause_reason


def test_blocks_before_the_last_500_count_no_more(app):
    message, gone = going_out(520, 510)
    come_back(gone[:10] + gone[-10:])
    assert message.state == "open"


def test_soft_and_hard_bounces_pause_nothing_nor_do_letters(app):
    message, gone = going_out(30, 20)
    come_back(gone[:5], "4.2.2")
    come_back(gone[5:10], "5.1.1")
    assert message.state == "open"
    message.kind = "transactional"
    come_back(gone[10:], "5.7.1")
    assert message.state == "open"


def test_once_resumed_it_takes_new_blocks_to_pause_it_again(app):
    message, gone = going_out(100, 50)
    come_back(gone[:5])
    assert message.state == "paused"
    assert outbox.resume(message.id)
    come_back(gone[5:7])
    assert (message.state, message.pause_reason) == ("open", "")
    come_back(gone[7:8])
    assert message.state == "paused"


def test_the_page_of_the_mailing_says_that_it_paused_itself_and_lets_it_go_on(app, as_alice):
    message, gone = going_out(60, 50)
    mailing = make_mailing(state="sending", messages=[MailingMessage(message_id=message.id, language="en")])
    come_back(gone[:5])
    scheduling.hold_refused()
    assert mailing.state == "paused"
    page = as_alice.page(f"/staff/mailings/{mailing.id}")
    assert "5 of its last 50 copies were refused" in page.text
    as_alice.send(f"/staff/mailings/{mailing.id}/resume")
    scheduling.hold_refused()
    assert (db.session.get(Mailing, mailing.id).state, message.state) == ("sending", "open")
