"""Copies of mail from files, by the command, and from a mailbox."""

import json
import mailbox as boxes

import pytest
from sqlalchemy import func, select

from crm.extensions import db
from crm.influencers.inbound import collecting, commands, keeping
from crm.influencers.models import Interaction
from tests.influencers.inbound.mails import ADA, written
from tests.mailbox_server import CERTIFICATE, MailboxServer


@pytest.fixture
def read(app):
    """Run the command; return what it says of each mail."""

    def run(path, **given):
        result = app.test_cli_runner().invoke(commands.inbound, ["read", str(path), "--json"], **given)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


def count():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Interaction))


def test_a_file_read_twice_is_logged_once(read, address, tmp_path, oscar):
    path = tmp_path / "one.eml"
    path.write_text(f"Delivered-To: {address}\n{written()}")
    [answer] = read(path)
    assert (answer["outcome"], answer["user"], answer["file"]) == ("logged", oscar.email, str(path))
    assert db.session.get(Interaction, answer["interaction"])
    assert [one["outcome"] for one in read(path)] == ["again"]
    assert [one["outcome"] for one in read("-", input=path.read_bytes())] == ["again"]
    assert count() == 1


def test_boxes_of_all_kinds_are_read_and_strangers_refused(read, address, tmp_path):
    mine, strange = f"To: {ADA}, {address}\n", "To: someone@in.example\n"
    texts = [
        written(None, Message_ID=f"<{n}@x.example>").replace("From:", f"{head}From:", 1)
        for n, head in enumerate((mine, strange, mine))
    ]
    maildir = boxes.Maildir(tmp_path / "dir")
    mbox = boxes.mbox(tmp_path / "box")
    for text in texts:
        maildir.add(text.encode())
        mbox.add(text.encode())
    mbox.flush()
    assert sorted(one["outcome"] for one in read(tmp_path / "dir")) == ["logged", "logged", "refused"]
    assert [one["outcome"] for one in read(tmp_path / "box")] == ["again", "refused", "again"]


@pytest.fixture
def box(app):
    with MailboxServer() as server:
        app.config.update(MAIL_CA_FILE=str(CERTIFICATE))
        yield server


def test_without_a_mailbox_nothing_is_collected(app):
    assert collecting.collect() == 0


@pytest.mark.parametrize("scheme", ["imaps", "pop3s"])
def test_the_mailbox_is_emptied_of_what_was_kept(app, address, box, scheme):
    app.config["INBOUND_MAILBOX"] = box.url(scheme)
    mine = f"Delivered-To: {address}\n{written()}".replace("\n", "\r\n").encode()
    box.mails.update({3: mine, 5: written().encode(), 8: b""})
    assert collecting.collect() == 3
    assert box.mails == {} and count() == 1
    box.mails[9] = mine
    assert collecting.collect() == 1 and count() == 1


def test_what_could_not_be_written_down_stays_in_the_mailbox(app, address, box, monkeypatch):
    app.config["INBOUND_MAILBOX"] = box.url("imaps")
    mine = f"Delivered-To: {address}\n{written()}".encode()
    box.mails.update({3: mine, 5: b""})

    def broken(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(keeping, "take", broken)
    assert collecting.collect() == 1
    assert list(box.mails) == [3] and count() == 0
    monkeypatch.undo()
    app.config["MAIL_CA_FILE"] = str(CERTIFICATE)
    assert collecting.collect() == 1 and count() == 1


def test_a_damaged_mail_holds_up_no_other(app, address, box):
    app.config["INBOUND_MAILBOX"] = box.url("imaps")
    box.mails.update({3: b"x", 5: f"Delivered-To: {address}\n{written()}".encode()})
    box.damaged.add(3)
    assert collecting.collect() == 1 and count() == 1
    assert list(box.mails) == [3]


@pytest.mark.parametrize("url", ["imaps://nowhere", "imaps://u:p@127.0.0.1:1/INBOX"])
def test_a_mailbox_that_does_not_answer_is_said_in_the_log(app, caplog, url):
    app.config["INBOUND_MAILBOX"] = url
    assert collecting.collect() == 0
    assert "cannot be read" in caplog.text and "BOUNCE_MAILBOX" not in caplog.text
