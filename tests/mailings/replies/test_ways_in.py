"""Replies over a real session with the listener, from files, and from the mailbox."""

import json
import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.inbound import collecting, commands, listening, signed
from crm.influencers.models import Interaction
from crm.mailings.replies.models import MailingReply, ReplyThread
from tests.influencers.inbound.mails import written
from tests.mailbox_server import CERTIFICATE, MailboxServer
from tests.mailings.replies.conftest import ADA, reply

both = pytest.mark.parametrize("kind", ["smtp", "lmtp"])


@pytest.fixture
def connect(app, sent, kind):
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    server = listening.Server(app, "127.0.0.1", port, lmtp=kind == "lmtp")
    server.start()
    made = []

    def run():
        client = (smtplib.LMTP if kind == "lmtp" else smtplib.SMTP)("127.0.0.1", port)
        client.ehlo("test")
        made.append(client)
        return client

    yield run
    for client in made:
        client.close()
    server.stop()


def send(client, octets, *receivers):
    """Send a mail; return the replies to the receivers, and the one to the text."""
    client.mail("pat@mail.example")
    codes = [client.rcpt(one)[0] for one in receivers]
    client.putcmd("data")
    if client.getreply()[0] != 354:
        return codes, None
    client.send(octets.replace("\n", "\r\n").encode() + b"\r\n.\r\n")
    return codes, client.getreply()


def count(table=MailingReply):
    db.session.rollback()
    try:
        return db.session.scalar(select(func.count()).select_from(table))
    finally:
        db.session.rollback()


@both
def test_a_reply_is_written_down_before_it_is_accepted_and_once(connect, sent):
    address = sent.address
    db.session.rollback()
    client = connect()
    assert send(client, reply(), address) == ([250], (250, b"2.0.0 Kept for the staff"))
    assert count() == 1
    assert send(client, reply(), address) == ([250], (250, b"2.0.0 Known already"))
    machine = reply(Auto_Submitted="auto-replied", Message_ID="<2@x.example>")
    assert send(client, machine, address) == ([250], (250, b"2.0.0 Written by a machine, set aside"))
    assert send(client, reply(), address.replace("+m", "+m9")) == ([550], None)
    assert count() == 2


@both
def test_the_same_reply_from_several_sides_at_once_is_kept_once(connect, sent):
    address = sent.address
    db.session.rollback()
    clients = [connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(lambda client: send(client, reply(), address)[1][1], clients))
    assert sorted(said) == [b"2.0.0 Kept for the staff", *[b"2.0.0 Known already"] * 3]
    assert count() == count(ReplyThread) == 1


@pytest.mark.parametrize("kind", ["smtp"])
def test_who_sends_too_many_is_refused(connect, sent, monkeypatch):
    monkeypatch.setattr("crm.mailings.replies.receiving.MOST_A_DAY", 2)
    address = sent.address
    db.session.rollback()
    client = connect()
    codes = [send(client, reply(Message_ID=f"<{n}@x.example>"), address)[1][0] for n in range(4)]
    assert codes == [250, 250, 554, 554]


def test_copies_and_replies_come_by_the_same_command(app, sent, oscar, tmp_path):
    mine = signed.address_of(oscar)
    (tmp_path / "1.eml").write_text(f"Delivered-To: {mine}\n{written(ADA)}")
    (tmp_path / "2.eml").write_text(f"Delivered-To: {sent.address}\n{reply()}")
    (tmp_path / "3.eml").write_text(reply(to="nobody@in.example"))
    db.session.commit()
    result = app.test_cli_runner().invoke(commands.inbound, ["read", str(tmp_path), "--json"])
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["outcome"] for one in answers] == ["logged", "kept", "refused"]
    assert answers[1]["reply"] == db.session.scalar(select(MailingReply.id)) and answers[1]["user"] == ""
    assert count(Interaction) == 1


def test_the_mailbox_is_emptied_of_replies_and_of_what_is_too_much(app, sent, monkeypatch):
    monkeypatch.setattr("crm.mailings.replies.receiving.MOST_A_DAY", 2)
    with MailboxServer() as box:
        app.config.update(MAIL_CA_FILE=str(CERTIFICATE), INBOUND_MAILBOX=box.url("imaps"))
        for number in range(4):
            octets = reply(to=sent.address, Message_ID=f"<{number}@x.example>")
            box.mails[number + 1] = octets.replace("\n", "\r\n").encode()
        db.session.commit()
        assert collecting.collect() == 4
        assert box.mails == {} and count() == 2
