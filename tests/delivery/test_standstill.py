"""A sender whose loop stands still for a while, as where the database makes it wait."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from crm.delivery import outbox, recovery, rests
from crm.delivery.lane import Lane
from crm.delivery.letter import Result
from crm.delivery.models import Delivery
from crm.delivery.sender import Sender
from crm.extensions import db, mail
from tests.delivery.test_outbox import make_message
from tests.smtp_server import Script, SmtpServer

Serve = Callable[..., SmtpServer]


@pytest.fixture
def serve(app: Flask) -> Iterator[Serve]:
    """Start a mail server that follows a script, and point the application to it."""
    servers = []

    def start(script: Script, connections: int) -> SmtpServer:
        servers.append(SmtpServer(script).__enter__())
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=servers[-1].port, WORKER_CONNECTIONS=connections)
        mail.init_app(app)
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__()


def slowly(step: Callable[..., object], seconds: float, when: Callable[[], bool] = lambda: True) -> Callable:
    def slow(*arguments, **values) -> object:
        if when():
            time.sleep(seconds)
        return step(*arguments, **values)

    return slow


def states() -> list[str]:
    return list(db.session.scalars(select(Delivery.state).order_by(Delivery.id)))


@pytest.mark.parametrize(("moment", "lease"), [("rcpt", 120), ("final", 1.2)])
def test_an_answer_that_came_meanwhile_counts(app, serve, monkeypatch, moment, lease):
    """The connection of one letter breaks, and noting that takes longer than the other may wait for its answer."""
    begun = threading.Event()

    def answer(asked: str, address: str) -> str:
        if address.startswith("a"):
            begun.wait(10)
        elif asked == moment:
            begun.set()
            time.sleep(0.2)
        return "250 2.0.0 ok"

    script = Script(rcpt=lambda a: answer("rcpt", a), final=lambda a: answer("final", a))
    script.drop, script.drop_for = "data", lambda address: address.startswith("a")
    server = serve(script, connections=2)
    app.config.update(SMTP_TIMEOUT=0.6, LEASE_SECONDS=lease)
    monkeypatch.setattr(rests, "trouble", slowly(rests.trouble, 1.2))
    message = make_message(on_uncertain="hold")
    for name in "ab":
        outbox.queue(message, f"{name}@mail.example")
    db.session.commit()
    Sender(app).run(until_idle=True)
    assert states() == ["deferred", "sent"]
    assert [mail.recipient[0] for mail in server.mails] == ["b"]


def test_letters_that_were_held_for_long_meanwhile_go_back_unsent(app, serve, monkeypatch):
    message_id = make_message().id
    for name in "ab":
        outbox.queue(message_id, f"{name}@mail.example")
    db.session.commit()

    def settle_next(lane: Lane, result: Result) -> None:
        sender.next_settle = 0.0
        done(lane, result)

    def pause() -> bool:
        paused = bool(server.mails) and outbox.pause(message_id)
        db.session.commit()
        return paused

    server = serve(Script(), connections=1)
    monkeypatch.setattr(recovery, "settle", slowly(recovery.settle, 0.9, when=pause))
    sender = Sender(app)
    (lane,) = sender.lanes.all
    done, lane.done = lane.done, settle_next
    sender.run(until_idle=True)
    assert states() == ["sent", "queued"]
    assert sum(command.startswith("RCPT") for command in server.commands) == 1
