"""Bounces as a mail server would write them about a delivery of ours."""

import random
from datetime import timedelta

from sqlalchemy import update

from crm.base import clock, signing
from crm.config import ROOT
from crm.delivery import envelope, outbox, unsubscribing
from crm.delivery.bounces import recording
from crm.delivery.bounces.mails import Mail, whole
from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery.test_outbox import make_message

FOLDER = ROOT / "tests" / "corpora" / "bounces"
ORDINARY = "Subject: Lunch\nFrom: dora@mail.example\n\nShall we meet at noon?\n"


def sent(address: str = "amina@mail.example", *, days_ago: float = 0, **values) -> Delivery:
    """Return a copy of a message of its own that the mail server took so many days ago."""
    delivery_id = outbox.queue(make_message(**values), address)
    moment = clock.now() - timedelta(days=days_ago)
    db.session.execute(update(Delivery).where(Delivery.id == delivery_id).values(state="sent", sent_at=moment))
    return db.session.get_one(Delivery, delivery_id, populate_existing=True)


def verp(delivery: Delivery) -> str:
    key = signing.key(envelope.PURPOSE)
    return f"{envelope.bounce_local_part(delivery.id, delivery.uuid, key)}@bounce.example"


def leave_address(contact_id: int, list_id: str = "research") -> str:
    key = signing.key(unsubscribing.PURPOSE)
    return f"{unsubscribing.local_part(contact_id, list_id, key)}@bounce.example"


def asks(to: str, head: str = "", *, subject: str = "unsubscribe", text: str = "", header: str = "To") -> bytes:
    """Return a mail as a mail program writes it when somebody presses its button to unsubscribe. head: more headers."""
    return (
        f"Return-Path: <someone@else.example>\n{head}From: Somebody <someone@else.example>\n{header}: {to}\n"
        f"Subject: {subject}\nMessage-ID: <{random.getrandbits(64)}@else.example>\n\n{text}\n"
    ).encode("utf-8", "surrogateescape")


def dsn(
    status: str = "5.1.1",
    diagnostic: str = "",
    *,
    to: str = "bounces@bridgeway.example",
    recipient: str = "amina@mail.example",
    returned: str = "",
    action: str = "failed",
) -> bytes:
    """Return a report by RFC 3464. to: whom it is sent to; returned: headers of the mail that it is about."""
    diagnostic = diagnostic or f"{'4' if status[0] == '4' else '5'}50 {status} refused"
    return f"""\
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: text/rfc822-headers

Subject: Hello
{returned}
--b--
""".encode()


def complaint(returned: str, recipient: str = "") -> bytes:
    """Return a report by RFC 5965."""
    original = f"Original-Rcpt-To: {recipient}\n" if recipient else ""
    return f"""\
From: fbl@provider.example
To: abuse@bridgeway.example
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Feedback/1.0
Version: 1
{original}
--b
Content-Type: message/rfc822

{returned}
Subject: Hello

Hello
--b--
""".encode()


def mail(octets: bytes, name: str = "test.eml") -> Mail:
    return whole(name, [octets])


def arrives(octets: bytes) -> list[recording.Verdict]:
    """Read a mail, and do what follows from it."""
    read = mail(octets)
    verdicts = recording.judge(read)
    recording.record("mail", read.digest, verdicts, recording.excerpt(read, verdicts))
    db.session.commit()
    return verdicts


def mutated(dice: random.Random, originals: list[bytes]) -> bytes:
    """Return one of these mails with pieces cut out, put in and swapped."""
    octets = bytearray(dice.choice(originals))
    for _ in range(dice.randint(1, 12)):
        place = dice.randrange(len(octets) + 1)
        deed = dice.randrange(5)
        if deed == 0:
            octets[place : place + dice.randint(1, 40)] = b""
        elif deed == 1:
            octets[place:place] = dice.randbytes(dice.randint(1, 20))
        elif deed == 2:
            octets[place:place] = dice.choice(
                [b"\n\n", b"\r", b"--b\n", b"=?x?B?\xff?=", b"\x00", b": ", b"\xed\xa0\x80"]
            )
        elif deed == 3:
            other = dice.choice(originals)
            octets[place : place + 100] = other[dice.randrange(len(other)) :][:200]
        else:
            octets = bytearray(
                bytes(octets).replace(dice.choice([b"rfc822", b"7bit", b"us-ascii", b"utf-8"]), b"\xff;=")
            )
    return bytes(octets)
