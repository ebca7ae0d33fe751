"""The mailbox that bounces come to: read by IMAP and POP3 from a real server on loopback."""

import pytest
from sqlalchemy import func, select

from crm.delivery import suppression
from crm.delivery.bounces import collecting, mailbox, recording
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery.bounces.samples import FOLDER, ORDINARY, dsn, sent, verp
from tests.mailbox_server import CERTIFICATE, MailboxServer

AMINA = "amina@mail.example"
both = pytest.mark.parametrize("scheme", ["imaps", "pop3s"])


@pytest.fixture
def box(app):
    with MailboxServer() as server:
        app.config.update(MAIL_CA_FILE=str(CERTIFICATE))
        yield server


def use(app, box: MailboxServer, scheme: str, **values: str) -> None:
    app.config.update(BOUNCE_MAILBOX=box.url(scheme, **values))


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(Bounce)) or 0


def test_without_a_mailbox_nothing_is_collected(app):
    assert collecting.collect() == 0


@both
def test_mails_are_judged_and_then_deleted(app, box, scheme):
    use(app, box, scheme)
    hard = dsn(to=verp(sent())).replace(b"\n", b"\r\n")
    box.mails.update({3: hard, 7: ORDINARY.replace("noon?", "noon?\n.\n..").encode(), 9: b""})
    assert collecting.collect() == 3
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}
    assert box.mails == {}
    assert rows() == 3
    assert collecting.collect() == 0


def test_nothing_that_comes_in_is_ever_answered(app, box, sink, deliver):
    """RFC 3834 §2: automatic mail of all kinds, lists and null senders; and people, who write to nobody there."""
    use(app, box, "imaps")
    come = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]
    heads = [
        "Auto-Submitted: auto-generated",
        "List-Id: <x.y>",
        "Precedence: bulk",
        "Return-Path: <>",
        "Reply-To: x@y.z",
    ]
    come += [f"{head}\n{ORDINARY}".encode() for head in heads]
    assert len(come) >= 40
    box.mails.update(enumerate(come, 1))
    assert collecting.collect() == len(come)
    assert deliver() == [] and sink.mails == []
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


@both
def test_what_breaks_before_the_deletion_is_read_again_and_counts_once(app, box, scheme):
    use(app, box, scheme)
    box.mails[1] = dsn(to=verp(sent())).replace(b"\n", b"\r\n")
    box.breaks_at = "STORE" if scheme == "imaps" else "DELE"
    assert collecting.collect() == 0
    assert (rows(), len(box.mails)) == (1, 1)
    suppression.lift(AMINA, by="alice@bridgeway.example")
    db.session.commit()
    box.breaks_at = ""
    assert collecting.collect() == 1
    assert (rows(), len(box.mails)) == (1, 0)
    assert suppression.reasons(AMINA) == {}


@both
def test_nothing_is_deleted_that_was_not_written_down(app, box, scheme, monkeypatch):
    use(app, box, scheme)
    box.mails.update({1: dsn(), 2: dsn("5.1.2"), 3: dsn("5.1.3")})
    real = recording.record

    def fails_at_the_second(source, digest, verdicts, text=""):
        if verdicts[0].finding.status == "5.1.2":
            raise RuntimeError("the disk is full")
        return real(source, digest, verdicts, text)

    monkeypatch.setattr(recording, "record", fails_at_the_second)
    assert collecting.collect() == 2
    assert list(box.mails) == [2]
    assert rows() == 2


@both
def test_a_tick_reads_a_bounded_number_of_mails(app, box, scheme, monkeypatch):
    monkeypatch.setattr(collecting, "MOST", 3)
    use(app, box, scheme)
    box.mails.update({number: f"Subject: {number}\n\nx\n".encode() for number in range(1, 6)})
    assert [collecting.collect(), collecting.collect(), collecting.collect()] == [3, 2, 0]
    assert rows() == 5


@both
def test_a_huge_mail_and_a_long_line_are_read_as_far_as_is_needed(app, box, scheme):
    use(app, box, scheme)
    lines = b"x" * 60_000 + b"\r\n" + b"y" * 70 + b"\r\n"
    box.mails[1] = dsn(to=verp(sent())).replace(b"\n", b"\r\n") + lines * 100
    assert collecting.collect() == 1
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


@both
def test_a_line_of_any_length_holds_up_nothing(app, box, scheme):
    use(app, box, scheme)
    box.mails.update({1: ORDINARY.encode() + b"x" * 3_000_000, 2: dsn(to=verp(sent())).replace(b"\n", b"\r\n")})
    assert collecting.collect() == 2
    assert (box.mails, suppression.reasons(AMINA)) == ({}, {"*": "hard_bounce"})


@both
def test_a_mail_that_the_server_cannot_give_out_holds_up_no_other(app, box, scheme):
    use(app, box, scheme)
    box.mails.update({number: f"Subject: {number}\n\nx\n".encode() for number in range(1, 5)})
    box.damaged = {1, 3}
    assert [collecting.collect(), collecting.collect()] == [2, 0]
    assert (list(box.mails), rows(), collecting.state().problem) == ([1, 3], 2, "")


@both
def test_a_mail_at_which_the_server_hangs_up_holds_up_no_other(app, box, scheme):
    use(app, box, scheme)
    box.mails.update({number: f"Subject: {number}\n\nx\n".encode() for number in range(1, 5)})
    box.breaks_at = "UID FETCH 3 " if scheme == "imaps" else "RETR 3"
    assert collecting.collect() == 3
    assert (list(box.mails), rows()) == ([3], 3)


@both
def test_a_server_that_gives_nothing_out_is_told_and_left_in_peace(app, box, scheme):
    use(app, box, scheme)
    box.mails.update(dict.fromkeys(range(1, 9), b"Subject: x\n\nx\n"))
    box.breaks_at = "UID FETCH" if scheme == "imaps" else "RETR"
    assert collecting.collect() == 0
    assert (len(box.mails), bool(collecting.state().problem)) == (8, True)
    assert sum(box.breaks_at in command for command in box.commands) <= 5


def test_a_mailbox_of_any_size_is_read(app, box, monkeypatch):
    monkeypatch.setattr(collecting, "MOST", 3)
    use(app, box, "imaps")
    box.mails.update(dict.fromkeys(range(100_000, 250_000), ORDINARY.encode()))
    assert collecting.collect() == 3
    assert min(box.mails) == 100_003


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 UIDPLUS"])
def test_mails_that_another_client_has_marked_are_stepped_over(app, box, capabilities, monkeypatch):
    monkeypatch.setattr(collecting, "MOST", 2)
    use(app, box, "imaps")
    box.mails.update({number: f"Subject: {number}\n\nx\n".encode() for number in range(1, 6)})
    box.marked, box.capabilities = {1, 2}, capabilities
    assert [collecting.collect(), rows()] == [2, 2]
    assert list(box.mails) == ([1, 2, 5] if "UIDPLUS" in capabilities else [5])


def test_many_mails_are_deleted_by_commands_of_bounded_length(app, box, monkeypatch):
    monkeypatch.setattr(mailbox, "DELETED_AT_ONCE", 2)
    use(app, box, "imaps")
    box.mails.update({number: f"Subject: {number}\n\nx\n".encode() for number in range(1, 6)})
    assert (collecting.collect(), box.mails) == (5, {})
    assert [line.split()[3] for line in box.commands if "UID STORE" in line] == ["1,2", "3,4", "5"]


@both
@pytest.mark.parametrize("how", ["password", "certificate", "away", "garbage", "hangs up"])
def test_trouble_is_one_error_that_says_whether_waiting_helps(app, box, scheme, how, caplog):
    url = box.url(scheme, password="wrong" if how == "password" else "secret%2F%40")
    ca_file = None if how == "certificate" else str(CERTIFICATE)
    if how == "away":
        url = url.replace(str(box.port), "1")
    box.garbage = b"\x00\xff What?" if how == "garbage" else b""
    box.breaks_at = {"imaps": "LOGIN", "pop3s": "PASS"}[scheme] if how == "hangs up" else ""
    with pytest.raises(mailbox.MailboxError) as caught, mailbox.Mailbox(url, ca_file) as opened:
        opened.keys(1)
    assert "secret" not in str(caught.value) and "wrong" not in str(caught.value)
    if how in ("password", "certificate"):
        assert caught.value.permanent
    if how in ("away", "hangs up"):
        assert not caught.value.permanent


def test_trouble_with_the_mailbox_is_logged_without_its_password(app, box, caplog):
    use(app, box, "imaps", folder="Nowhere")
    assert collecting.collect() == 0
    assert "cannot be read" in caplog.text and "secret" not in caplog.text


def test_staff_see_since_when_the_mailbox_cannot_be_read(app, box, as_bob):
    use(app, box, "imaps")
    assert collecting.state() is None
    assert collecting.collect() == 0
    assert collecting.state().read_at is not None
    assert "has not been read" not in as_bob.page("/staff/delivery/bounces/").text
    use(app, box, "imaps", password="wrong")
    for _ in range(2):
        collecting.collect()
    page = as_bob.page("/staff/delivery/bounces/").text
    assert "The mailbox of bounces has not been read since" in page and "wrong@" not in page
    use(app, box, "imaps")
    collecting.collect()
    assert "has not been read" not in as_bob.page("/staff/delivery/bounces/").text


@pytest.mark.parametrize(
    "url", ["http://a:b@c", "imap://a:b@c", "imaps://c/INBOX", "imaps://a:b@c:x/", "nonsense", "imaps://[::1"]
)
def test_only_encrypted_mailboxes_with_a_login_are_opened(url):
    with pytest.raises(mailbox.MailboxError) as caught, mailbox.Mailbox(url):
        pass
    assert caught.value.permanent and url not in str(caught.value)
