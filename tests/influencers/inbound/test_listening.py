"""A real session with the listener on loopback, in SMTP and LMTP."""

import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.inbound import listening, receiving, signed
from crm.influencers.inbound.models import InboundMail
from crm.influencers.models import Interaction
from tests.influencers.inbound.mails import HOSTILE, OSCAR, written

both = pytest.mark.parametrize("kind", ["smtp", "lmtp"])


@pytest.fixture
def server(app, kind):
    found = listening.Server(app, "127.0.0.1", _free_port(), lmtp=kind == "lmtp")
    found.start()
    yield found
    found.stop()


@pytest.fixture
def connect(server, kind):
    made = []

    def run():
        client = (smtplib.LMTP if kind == "lmtp" else smtplib.SMTP)("127.0.0.1", server.port)
        client.ehlo() if kind == "smtp" else client.ehlo("test")
        made.append(client)
        return client

    yield run
    for client in made:
        client.close()


def _free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def count(table=Interaction):
    db.session.rollback()
    try:
        return db.session.scalar(select(func.count()).select_from(table))
    finally:
        db.session.rollback()


def begin(client, *receivers):
    """Name sender and receivers; return the replies to the receivers."""
    client.mail(OSCAR)
    return [client.rcpt(one) for one in receivers]


def send(client, octets):
    """Send the text; return the replies, of which LMTP has one a receiver."""
    client.putcmd("data")
    assert client.getreply()[0] == 354
    client.send(octets.replace("\n", "\r\n").encode() + b"\r\n.\r\n")
    return client.getreply()


@both
def test_a_copy_is_logged_before_it_is_accepted(connect, address):
    client = connect()
    assert begin(client, address)[0][0] == 250
    assert send(client, written()) == (250, b"2.0.0 Logged")
    assert count() == 1
    begin(client, address)
    assert send(client, written()) == (250, b"2.0.0 Known already")
    assert count() == 1


@both
def test_a_stranger_and_an_ended_address_are_refused_when_they_are_named(connect, address, oscar):
    client = connect()
    assert [code for code, _ in begin(client, "oscar@in.example", address.replace("log+", "log+9"))] == [550, 550]
    oscar.copy_number += 1
    db.session.commit()
    assert client.rcpt(address)[0] == 550
    client.putcmd("data")
    assert client.getreply()[0] == 503
    assert count() == count(InboundMail) == 0


@both
def test_one_who_is_unknown_does_not_keep_it_from_the_other(connect, address):
    client = connect()
    assert [code for code, _ in begin(client, "x@in.example", address)] == [550, 250]
    assert send(client, written())[0] == 250
    assert count() == 1


@pytest.mark.parametrize("kind", ["lmtp"])
def test_each_receiver_gets_a_reply_in_lmtp(connect, address, alice):
    client = connect()
    hers = signed.address_of(alice)
    db.session.rollback()
    begin(client, address, hers)
    assert send(client, written()) == (250, b"2.0.0 Logged")
    assert client.getreply() == (250, b"2.0.0 Kept until it is sorted")
    begin(client, address, hers)
    assert send(client, ("y" * 70 + "\n") * 160_000)[0] == 552
    assert client.getreply()[0] == 552
    assert client.noop()[0] == 250


@both
def test_a_huge_mail_is_refused_and_the_session_goes_on(connect, address):
    client = connect()
    assert client.mail(OSCAR, [f"SIZE={listening.MOST_BYTES + 1}"])[0] == 552
    begin(client, address)
    assert send(client, "x" * 70 + "\n" + ("y" * 70 + "\n") * 160_000)[0] == 552
    begin(client, address)
    assert send(client, written())[0] == 250
    assert count() == 1


@both
def test_the_same_mail_from_several_sides_at_once_is_logged_once(connect, address):
    clients = [connect() for _ in range(4)]
    for client in clients:
        begin(client, address)
    with ThreadPoolExecutor(len(clients)) as threads:
        replies = list(threads.map(lambda client: send(client, written()), clients))
    assert sorted(replies) == [(250, b"2.0.0 Known already")] * 3 + [(250, b"2.0.0 Logged")]
    assert count() == count(InboundMail) == 1


@both
def test_a_line_without_end_is_cut_off(connect, address):
    client = connect()
    begin(client, address)
    client.putcmd("data")
    client.getreply()
    with pytest.raises((OSError, smtplib.SMTPServerDisconnected)):
        for _ in range(60):
            client.sock.sendall(b"x" * 1024 * 1024)
        client.getreply()
    assert count(InboundMail) == 0


@both
def test_what_cannot_be_written_down_is_not_accepted(connect, address, monkeypatch):
    def broken(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(listening, "receive", broken)
    client = connect()
    begin(client, address)
    assert send(client, written())[0] == 451
    monkeypatch.setattr(listening, "receive", receiving.receive)
    begin(client, address)
    assert send(client, written())[0] == 250


@both
def test_more_receivers_and_sessions_than_it_takes_are_put_off(connect, address, server, monkeypatch):
    client = connect()
    codes = [code for code, _ in begin(client, *[address] * (listening.MOST_RECIPIENTS + 1))]
    assert codes[-2:] == [250, 452]
    monkeypatch.setattr(listening, "MOST_SESSIONS", len(server.sessions))
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        assert raw.recv(1000).startswith(b"421")
    assert client.noop()[0] == 250


@pytest.mark.parametrize("kind", ["smtp"])
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_hostile_mail_gets_an_answer_and_ends_no_session(connect, address):
    client = connect()
    for name, octets in HOSTILE.items():
        begin(client, address)
        code, _ = send(client, octets.decode("latin-1"))
        assert code in (250, 500, 552), name
    assert client.noop()[0] == 250
