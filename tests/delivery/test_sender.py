"""What becomes of a delivery, by what the mail server does. Each test talks to a real server on loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from crm.base import clock
from crm.delivery import backoff, outbox, press, rests, suppression
from crm.delivery.bounces import refusals
from crm.delivery.journal import boot_seconds
from crm.delivery.models import Delivery, Rest
from crm.delivery.sender import Sender
from crm.extensions import db, mail
from tests.delivery.test_outbox import make_message
from tests.sending import send_due
from tests.smtp_server import Script, SmtpServer

Send = Callable[..., SmtpServer]


@pytest.fixture
def send_with(app: Flask) -> Iterator[Send]:
    """Send three letters (to a@, b@, c@) through a server that follows the script, and return the server."""
    servers = []

    def run(script: Script, **values) -> SmtpServer:
        server = SmtpServer(script).__enter__()
        servers.append(server)
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, WORKER_CONNECTIONS=1)
        mail.init_app(app)
        if db.session.scalar(select(Delivery.id).limit(1)) is None:
            message = make_message(**{"kind": "transactional", **values})
            for name in "abc":
                outbox.queue(message, f"{name}@mail.example")
        send_due(app)
        return server

    yield run
    for server in servers:
        server.__exit__()


def states() -> dict[str, str]:
    """Return the state of each delivery by the first letter of its address."""
    rows = db.session.execute(select(Delivery.address, Delivery.state).order_by(Delivery.id)).all()
    db.session.commit()
    return {row.address[0]: row.state for row in rows}


def only(name: str, reply: str, otherwise: str = "250 ok") -> Callable[[str], str]:
    return lambda address: reply if address.startswith(name) else otherwise


def delivery(name: str) -> Delivery:
    row = db.session.scalars(select(Delivery).where(Delivery.address.startswith(name))).one()
    db.session.commit()
    return row


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_refused_recipient_has_failed_and_the_next_gets_its_mail(send_with, pipelining):
    server = send_with(Script(rcpt=only("b", "550 5.1.1 no such user"), pipelining=pipelining))
    assert states() == {"a": "sent", "b": "failed", "c": "sent"}
    assert (delivery("b").smtp_code, delivery("b").smtp_reply) == (550, "5.1.1 no such user")
    assert [mail.recipient[0] for mail in server.mails] == ["a", "c"]


def test_a_server_that_takes_the_text_of_a_refused_recipient_is_sent_an_empty_one(send_with):
    """RFC 2920 §3.1: the server may answer DATA with 354 although every RCPT failed."""
    server = send_with(Script(rcpt=only("b", "550 no"), careless=True))
    assert states() == {"a": "sent", "b": "failed", "c": "sent"}
    assert [mail.raw for mail in server.mails if not mail.recipient] == [b""]


@pytest.mark.parametrize(
    "reply", ["450 4.2.1 greylisted", "451 4.3.0 try later", "452 4.2.2 full", "421 4.7.0 slow down"]
)
@pytest.mark.parametrize("moment", ["rcpt", "final"])
def test_a_temporary_refusal_defers_the_copy(send_with, moment, reply):
    send_with(Script(**{moment: only("b", reply)}))
    assert states() == {"a": "sent", "b": "deferred", "c": "sent"}
    row = delivery("b")
    assert row.attempts == 1
    assert timedelta(seconds=40) < row.next_attempt_at - clock.now() < timedelta(seconds=80)


@pytest.mark.parametrize("reply", ["552 5.3.4 too big", "554 5.7.1 looks like spam"])
def test_a_text_that_is_refused_for_good_has_failed(send_with, reply):
    send_with(Script(final=only("b", reply)))
    assert states() == {"a": "sent", "b": "failed", "c": "sent"}


@pytest.mark.parametrize(
    ("moment", "text"), [("rcpt", "Hello"), ("data", "Hello"), ("content", "Too long for the buffers.\n" * 200_000)]
)
def test_a_connection_lost_before_the_final_dot_defers_the_copy(send_with, moment, text):
    server = send_with(Script(drop=moment, drop_times=1), text=text)
    assert states() == {"a": "deferred", "b": "sent", "c": "sent"}
    assert server.connections == 2


@pytest.mark.parametrize(("moment", "arrived"), [("dot", 0), ("accepted", 1)])
def test_in_hold_mode_a_connection_lost_after_the_dot_leaves_the_copy_uncertain(send_with, moment, arrived):
    server = send_with(Script(drop=moment, drop_times=1), on_uncertain="hold")
    assert states() == {"a": "uncertain", "b": "sent", "c": "sent"}
    assert len(server.to("a@mail.example")) == arrived
    assert outbox.resend_uncertain(delivery("a").message_id) == 1
    server = send_with(Script())
    assert states()["a"] == "sent"


@pytest.mark.parametrize("reply", ["354 go on", "150 wait"])
def test_an_answer_that_means_nothing_after_the_dot_leaves_the_copy_uncertain(send_with, reply):
    send_with(Script(final=only("a", reply)), on_uncertain="hold")
    assert states() == {"a": "uncertain", "b": "sent", "c": "sent"}


def test_staff_can_take_an_uncertain_copy_as_arrived(send_with):
    send_with(Script(drop="accepted", drop_times=1), on_uncertain="hold")
    assert outbox.accept_uncertain(delivery("a").message_id) == 1
    assert states()["a"] == "sent"


def test_in_resend_mode_an_uncertain_copy_is_sent_again_with_the_same_message_id(send_with):
    server = send_with(Script(drop="accepted", drop_times=1))
    assert states() == {"a": "sent", "b": "sent", "c": "sent"}
    ids = {mail.message["Message-ID"] for mail in server.to("a@mail.example")}
    assert len(server.to("a@mail.example")) == 2
    assert len(ids) == 1


def test_a_copy_that_stays_uncertain_is_held_after_five_resends(send_with, monkeypatch):
    monkeypatch.setattr(backoff, "RESTS", (0,))
    monkeypatch.setattr("crm.delivery.sender.REOPEN_SECONDS", 0.0)
    server = send_with(Script(drop="dot"))
    assert states() == {"a": "uncertain", "b": "uncertain", "c": "uncertain"}
    assert delivery("a").resends == 5
    assert sum(command.startswith("RCPT TO:<a@") for command in server.commands) == 6


def test_a_refused_sender_rests_and_no_recipient_is_blamed(send_with):
    server = send_with(Script(mail="550 5.7.1 not your domain"))
    assert states() == {"a": "queued", "b": "queued", "c": "queued"}
    assert delivery("a").attempts == 0
    rest = db.session.get(Rest, "news@bridgeway.example")
    assert "550" in rest.reason
    assert rest.until > clock.now() + timedelta(seconds=30)
    db.session.commit()
    server = send_with(Script())
    assert len(server.mails) == 3
    assert rests.current() == []


@pytest.mark.parametrize(
    ("script", "name"),
    [(Script(mail="550 not\0you"), "news@bridgeway.example"), (Script(greeting="554 go\0away"), rests.SERVER)],
)
def test_a_reply_with_a_nul_lets_the_sender_rest_all_the_same(send_with, script, name):
    send_with(script)
    rest = db.session.get(Rest, name)
    assert rest.until > clock.now()
    assert rest.reason in ("550 notyou", "554 goaway")


@pytest.mark.parametrize("greeting", ["421 too busy", "554 go away", "Hello?"])
def test_a_server_that_takes_no_connection_keeps_everything_waiting(send_with, greeting):
    send_with(Script(greeting=greeting))
    assert set(states().values()) == {"queued"}
    assert db.session.get(Rest, "").failures >= 1


def test_a_server_that_is_away_keeps_everything_waiting_until_it_is_back(app, send_with):
    outbox.queue(make_message(), "a@mail.example")
    app.config.update(MAIL_PORT=1)
    mail.init_app(app)
    send_due(app)
    assert states() == {"a": "queued"}
    send_with(Script())
    assert states() == {"a": "sent"}


def test_a_server_that_closes_the_connection_with_421_at_mail_gets_a_new_one(send_with):
    answers = iter(["250 ok", "421 4.7.0 enough on this connection"])
    server = send_with(Script(mail=lambda _: next(answers, "250 ok")))
    assert states() == {"a": "sent", "b": "sent", "c": "sent"}
    assert server.connections == 2
    assert delivery("b").attempts == 1


@pytest.mark.parametrize(("moment", "state"), [("rcpt", "deferred"), ("final", "uncertain")])
def test_a_server_that_hangs_is_given_up(app, send_with, moment, state):
    app.config.update(SMTP_TIMEOUT=0.3, LEASE_SECONDS=2)
    send_with(Script(**{moment: only("a", None)}), on_uncertain="hold")
    assert states() == {"a": state, "b": "sent", "c": "sent"}


def test_a_deferred_copy_is_tried_again_when_it_is_due_and_given_up_after_72_hours(send_with):
    script = Script(rcpt=only("a", "450 later"))
    send_with(script)
    send_with(script)
    assert delivery("a").attempts == 1
    db.session.execute(update(Delivery).where(Delivery.state == "deferred").values(next_attempt_at=clock.now()))
    send_with(script)
    assert (states()["a"], delivery("a").attempts) == ("deferred", 2)
    long_ago = clock.now() - timedelta(hours=73)
    for attempts, state in ((backoff.LEAST_ATTEMPTS - 2, "deferred"), (backoff.LEAST_ATTEMPTS - 1, "failed")):
        values = {"next_attempt_at": long_ago, "first_tried_at": long_ago, "attempts": attempts}
        db.session.execute(update(Delivery).where(Delivery.state == "deferred").values(values))
        send_with(script)
        assert states()["a"] == state


def test_a_held_copy_that_staff_send_again_much_later_is_tried_for_72_hours_anew(send_with):
    send_with(Script(drop="dot", drop_times=1), on_uncertain="hold")
    long_ago = {"first_tried_at": clock.now() - timedelta(hours=96), "attempts": backoff.LEAST_ATTEMPTS}
    db.session.execute(update(Delivery).values(long_ago))
    assert outbox.resend_uncertain(delivery("a").message_id) == 1
    send_with(Script(rcpt="450 4.2.1 greylisted"))
    assert states()["a"] == "deferred"
    assert clock.now() - delivery("a").first_tried_at < timedelta(minutes=5)


def test_a_refusal_long_after_the_first_try_still_counts_against_the_address(send_with):
    send_with(Script(rcpt=only("a", "450 later")), kind="bulk")
    long_ago = clock.now() - timedelta(days=9)  # The mailing was paused meanwhile.
    db.session.execute(update(Delivery).values(next_attempt_at=long_ago, first_tried_at=long_ago))
    send_with(Script(rcpt="550 5.1.1 no such user"))
    assert states()["a"] == "failed"
    assert refusals.judge_new() == 1
    assert suppression.blocks("a@mail.example")


def test_an_address_in_a_far_script_needs_a_server_that_offers_smtputf8(app, send_with):
    message = make_message(kind="transactional")
    outbox.queue(message, "josé@bücher.example")
    send_with(Script())
    assert states() == {"j": "failed"}
    assert "SMTPUTF8" in delivery("j").smtp_reply
    outbox.queue(message, "josé@bücher.example", occasion="again")
    server = send_with(Script(smtputf8=True))
    assert server.mails[-1].recipient == "josé@xn--bcher-kva.example"


def test_an_address_that_is_none_fails_and_stops_nobody(app, send_with):
    message = make_message(kind="transactional")
    outbox.queue(message, "x>\r\nRCPT TO:<evil@mail.example")
    outbox.queue(message, "a@mail.example")
    server = send_with(Script())
    assert states() == {"x": "failed", "a": "sent"}
    assert not any("evil" in command for command in server.commands)


def test_whoever_unsubscribes_while_a_mailing_is_deferred_gets_no_more_of_it(send_with):
    script = Script(rcpt=only("a", "450 later"))
    send_with(script, kind="bulk", list_id="research")
    suppression.suppress("a@mail.example", "unsubscribe", "research")
    assert states() == {"a": "suppressed", "b": "sent", "c": "sent"}


def test_a_sender_address_that_rests_keeps_no_other_from_a_new_connection(send_with, monkeypatch):
    monkeypatch.setattr("crm.delivery.lanes.IDLE_SECONDS", -1)
    other = make_message(sender="Office <office@bridgeway.example>")
    outbox.queue(make_message(kind="transactional"), "a@mail.example")
    outbox.queue(other, "b@mail.example")
    begun = boot_seconds()
    send_with(Script(mail=lambda address: "550 5.7.1 not you" if address.startswith("news") else "250 ok"))
    assert states() == {"a": "queued", "b": "sent"}
    assert boot_seconds() - begun < 30


def test_once_a_rest_is_lifted_a_sender_that_waits_tries_at_once(app, sink):
    outbox.queue(make_message(), "a@mail.example")
    db.session.commit()
    sender = Sender(app)
    begun = boot_seconds()
    sender.lanes.reopen_at = begun + 60
    sender.run(until_idle=True)
    assert states() == {"a": "sent"}
    assert boot_seconds() - begun < 30


@contextmanager
def database_away(statement: str, *at: int) -> Iterator[None]:
    """Let these runs of a statement, counted from one, find no database."""
    runs = count(1)

    def fail(_connection, _cursor, text: str, *_: object) -> None:
        if statement in text and next(runs) in at:
            raise OperationalError(text, None, Exception("the server closed the connection unexpectedly"))

    event.listen(db.engine, "before_cursor_execute", fail)
    yield
    event.remove(db.engine, "before_cursor_execute", fail)
    assert next(runs) > max(at)


def test_a_database_that_goes_away_before_the_text_is_read_costs_no_copy_and_no_sender(send_with):
    with database_away("message.html", 1, 2):
        server = send_with(Script(), on_uncertain="hold")
    assert states() == {"a": "sent", "b": "sent", "c": "sent"}
    assert delivery("a").attempts == 1
    assert len(server.mails) == 3


def test_a_database_that_goes_away_while_trouble_is_noted_ends_no_sender(send_with, monkeypatch):
    monkeypatch.setattr(press, "KEPT", 0)  # Each look at a message asks the database.
    with database_away("message.html", 2):
        send_with(Script(mail="550 5.7.1 not your domain"))
    assert set(states().values()) == {"queued"}
    assert "550" in db.session.get(Rest, "news@bridgeway.example").reason


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # PostgreSQL's JSON takes none of these.
def test_a_value_that_cannot_be_encoded_fails_its_copy_alone(app, send_with):
    message = make_message(html='<a href="https://bridgeway.example/{{ code }}">Act</a>', kind="transactional")
    outbox.queue(message, "a@mail.example", merge={"code": "\ud800"})
    outbox.queue(message, "b@mail.example")
    send_with(Script())
    assert states() == {"a": "failed", "b": "sent"}
    assert "surrogates not allowed" in delivery("a").smtp_reply


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (outbox.pause, {"a": "queued", "b": "queued", "c": "queued"}),
        (outbox.cancel, {"a": "queued", "b": "queued", "c": "queued"}),
        (
            lambda _: suppression.suppress("a@mail.example", "unsubscribe"),
            {"a": "suppressed", "b": "sent", "c": "sent"},
        ),
        (lambda _: None, {"a": "sent", "b": "sent", "c": "sent"}),
    ],
    ids=["pause", "cancel", "unsubscribe", "nothing"],
)
def test_a_server_that_takes_its_time_gets_no_text_that_was_called_back_meanwhile(
    app, send_with, act, expected, pipelining
):
    message_id = make_message(kind="bulk").id
    for name in "abc":
        outbox.queue(message_id, f"{name}@mail.example")
    asked = []

    def rcpt(address: str) -> str:
        if not asked:
            asked.append(address)
            with app.app_context():
                act(message_id)
                db.session.commit()
            time.sleep(1.1)
        return "250 ok"

    server = send_with(Script(rcpt=rcpt, pipelining=pipelining))
    assert states() == expected
    assert [mail.recipient[0] for mail in server.mails] == [name for name in expected if expected[name] == "sent"]


def test_less_and_less_is_taken_while_the_server_hangs(app, sink):
    sink.script.rcpt = None
    app.config.update(WORKER_CONNECTIONS=1, SMTP_TIMEOUT=4)
    message_id = make_message().id
    for number in range(500):
        outbox.queue(message_id, f"p{number}@mail.example")
    db.session.commit()
    sender = Sender(app)
    sender.rate = 1500.0  # It was quick before.
    threading.Timer(3.3, sender.stop).start()
    sender.run()
    assert 500 < db.session.scalar(select(func.sum(Delivery.epoch))) < 1300
