"""A journal that takes no more lines: the sender ends, and what it had begun is settled by what stands there."""

import errno
import os
from collections.abc import Callable

import pytest
from sqlalchemy import select

from crm.delivery import outbox, recovery
from crm.delivery.journal import JournalError
from crm.delivery.models import Delivery
from crm.delivery.sender import Sender
from crm.extensions import db
from tests.delivery.test_outbox import make_message

Write = Callable[[int, bytes], int]


@pytest.fixture
def sender(app, sink) -> Sender:
    """One connection, and letters to a@, b@ and c@ in hold mode."""
    app.config.update(WORKER_CONNECTIONS=1)
    message = make_message(on_uncertain="hold")
    for name in "abc":
        outbox.queue(message, f"{name}@mail.example")
    db.session.commit()
    return Sender(app)


def full_at(beginning: bytes, octets: int | None) -> Write:
    """Return a write() whose disk is full at the second such line: it writes so much of it, or fails (None)."""
    write, lines = os.write, []

    def short(file: int, line: bytes) -> int:
        lines.append(line[:1])
        if line[:1] != beginning or lines.count(beginning) < 2:
            return write(file, line)
        if octets is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, line[:octets])

    return short


@pytest.mark.parametrize("octets", [None, 0, 2, 4])
@pytest.mark.parametrize(
    ("line", "settled", "arrived"),
    [(b">", ["sent", "queued", "queued"], "a"), (b"<", ["sent", "uncertain", "queued"], "ab")],
)
def test_a_full_disk_brings_nobody_two_copies(app, sink, sender, monkeypatch, line, octets, settled, arrived):
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full_at(line, octets))
        with pytest.raises(JournalError):
            sender.run()
    for lane in sender.lanes.all:
        lane.journal.close(delete=False)
    recovery.settle(db.engine, sender.folder, sender.installation)
    assert list(db.session.scalars(select(Delivery.state).order_by(Delivery.id))) == settled
    assert "".join(mail.recipient[0] for mail in sink.mails) == arrived
    db.session.commit()
    Sender(app).run(until_idle=True)
    assert "".join(mail.recipient[0] for mail in sink.mails) == "abc"


def test_a_sender_takes_nothing_where_it_cannot_note_its_lease(sender, monkeypatch):
    monkeypatch.setattr(os, "write", lambda _file, _line: 0)
    with pytest.raises(JournalError):
        sender.run()
    assert set(db.session.scalars(select(Delivery.state))) == {"queued"}
