"""The menu of faults of a mail server: what it does, and what must become of the mails that it hits.

Every fourth mail goes to an address that the fault hits, unless it is one of the whole server. Mails are in hold mode,
so that an uncertain one stays so.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import select

from crm.delivery import outbox, rests, suppression
from crm.delivery.bounces import refusals
from crm.delivery.models import Delivery, Rest
from crm.delivery.sender import Sender
from crm.extensions import db, mail
from tests.smtp_server import Script, SmtpServer

SENDER = "news@bridgeway.example"
SHARE = 4  # One mail in so many is hit.
HIT = "hit"
BIG = "Too long for the buffers of a socket.\n" * 150_000
PLAIN = {
    "SMTP_TIMEOUT": 0.4,
    "LEASE_SECONDS": 4,
    "MAIL_USE_TLS": False,
    "MAIL_USERNAME": None,
    "MAIL_PASSWORD": None,
    "MAIL_CA_FILE": None,
}
TLS = {"MAIL_USE_TLS": True}
LONG = "\r\n".join(["250-" + "very polite " * 30] * 40)


@dataclass(frozen=True)
class Fault:
    """A fault, and what is expected of it.

    state: of the mails that it hits; all: it hits every mail. rest: who rests afterwards (the server '', the sender's
    address, nobody None); breaks: it breaks connections, so that the server may rest where nothing was sent since.
    blamed: whether the address gets no mail any more.
    """

    name: str
    script: Callable[[int], Script]
    state: str
    rest: str | None = None
    blamed: bool = False
    all: bool = False
    breaks: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    certificate: tuple[str, bool] | None = None  # its name, and whether it has expired
    trusted: bool = True
    text: str = "Hello"
    name_of_hit: str = HIT


@dataclass(frozen=True)
class Outcome:
    """What became of the mails of a fault."""

    states: dict[str, int]
    rest: set[str]
    blamed: int


def refuses(moment: str, reply: str) -> Callable[[int], Script]:
    """Return a script that answers mail to those it hits so, at RCPT or after the final dot."""
    return lambda _: Script(**{moment: lambda address: reply if address.startswith(HIT) else "250 2.0.0 ok"})


def drops(moment: str) -> Callable[[int], Script]:
    return lambda _: Script(drop=moment, drop_for=lambda address: address.startswith(HIT))


def stops_after(mails: int) -> Script:
    """Return a server that takes three quarters of the mails, and then no more for now."""
    taken: set[str] = set()

    def rcpt(address: str) -> str:
        if len(taken) < mails - mails // SHARE:
            taken.add(address)
        return "250 ok" if address in taken else "450 4.7.1 too many mails today"

    return Script(rcpt=rcpt)


def script(**values: Any) -> Callable[[int], Script]:
    return lambda _: Script(**values)


FAULTS = [
    Fault("421", refuses("rcpt", "421 4.7.0 closing"), "deferred"),
    Fault("450", refuses("rcpt", "450 4.2.1 greylisted"), "deferred"),
    Fault("451", refuses("final", "451 4.3.0 local error"), "deferred"),
    Fault("452", refuses("rcpt", "452 4.2.2 over quota"), "deferred"),
    Fault("550", refuses("rcpt", "550 5.1.1 no such user"), "failed", blamed=True),
    Fault("552", refuses("final", "552 5.2.2 mailbox full"), "failed"),
    Fault("554", refuses("final", "554 5.6.0 not this text"), "failed"),
    Fault("5.7.1", refuses("rcpt", "550 5.7.1 refused for policy"), "failed"),
    Fault("5.7.1 for the sender", script(mail="550 5.7.1 not your domain"), "queued", SENDER, all=True),
    Fault("drop before the dot", drops("data"), "deferred", breaks=True),
    Fault("drop after the dot", drops("dot"), "uncertain", breaks=True),
    Fault("close mid-DATA", drops("content"), "deferred", breaks=True, text=BIG),
    Fault("one byte at a time", script(seconds_a_byte=0.001), "sent", all=True),
    Fault("hang", lambda _: Script(rcpt=lambda a: None if a.startswith(HIT) else "250 ok"), "deferred", breaks=True),
    Fault("no STARTTLS", script(), "queued", "", all=True, settings=TLS),
    Fault(
        "bad certificate",
        script(),
        "queued",
        "",
        all=True,
        settings=TLS,
        certificate=("localhost", False),
        trusted=False,
    ),
    Fault("expired certificate", script(), "queued", "", all=True, settings=TLS, certificate=("localhost", True)),
    Fault("wrong name", script(), "queued", "", all=True, settings=TLS, certificate=("other.example", False)),
    Fault("no PIPELINING", script(pipelining=False), "sent", all=True),
    Fault("no SMTPUTF8", script(), "failed", name_of_hit="josé"),
    Fault(
        "AUTH refused",
        script(auth="535 5.7.8 wrong password"),
        "queued",
        "",
        all=True,
        settings={"MAIL_USERNAME": "we", "MAIL_PASSWORD": "secret"},
    ),
    Fault("greeting 554", script(greeting="554 5.7.1 go away"), "queued", "", all=True),
    Fault(
        "long multi-line replies", script(mail=f"{LONG}\r\n250 ok", final=f"{LONG}\r\n250 2.0.0 ok"), "sent", all=True
    ),
    Fault("garbage replies", refuses("rcpt", "\x00\xff <html> What?"), "deferred", breaks=True),
    Fault("rate limit after N", stops_after, "deferred"),
    Fault("size limit", refuses("final", "552 5.3.4 message too big"), "failed"),
]


def expected(fault: Fault, mails: int) -> Outcome:
    """Return what must become of so many mails."""
    hit = mails if fault.all else mails // SHARE
    states = {fault.state: hit, "sent": mails - hit} if hit < mails else {fault.state: mails}
    return Outcome(states, set() if fault.rest is None else {fault.rest}, hit if fault.blamed else 0)


def is_right(fault: Fault, found: Outcome, mails: int) -> bool:
    """Return whether all of so many mails came to what is expected."""
    wanted = expected(fault, mails)
    rests_as_it_should = found.rest == wanted.rest or (fault.breaks and found.rest == {rests.SERVER})
    return (found.states, found.blamed) == (wanted.states, wanted.blamed) and rests_as_it_should


def outcome(app: Flask, fault: Fault, mails: int, folder: Path) -> Outcome:
    """Send so many mails through the fault, and return what became of them."""
    with served(app, fault, mails, folder):
        ids = [_queue(fault, mails, hit=True), _queue(fault, mails, hit=False)]
        _send_all(app)
        refusals.judge_new()
        db.session.commit()
        return _found(ids)


@contextmanager
def served(app: Flask, fault: Fault, mails: int, folder: Path) -> Iterator[SmtpServer]:
    """Run the server of the fault, and point the application to it."""
    script, settings = fault.script(mails), PLAIN | fault.settings
    if fault.certificate:
        path = certificate(folder, *fault.certificate)
        script.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        script.context.load_cert_chain(path)
        settings["MAIL_CA_FILE"] = str(path) if fault.trusted else None
    with SmtpServer(script) as server:
        app.config.update(settings, MAIL_SERVER="localhost", MAIL_PORT=server.port)
        mail.init_app(app)
        yield server


def certificate(folder: Path, name: str, expired: bool) -> Path:
    """Return a file with a key and a certificate for it, signed by itself."""
    path = folder / f"{name}-{expired}.pem"
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begin = datetime.now(UTC) - timedelta(days=30)
        made = x509.CertificateBuilder().subject_name(issuer).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(begin)
        made = made.not_valid_after(begin + timedelta(days=20 if expired else 60))
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(key.private_bytes(*kinds) + made.sign(key, hashes.SHA256()).public_bytes(kinds[0]))
    return path


def _queue(fault: Fault, mails: int, *, hit: bool) -> int:
    text = fault.text if hit else "Hello"
    html = f"<p>{text}</p>"
    message = outbox.write("Hello", html, text, sender=SENDER, kind="bulk", list_id="research", on_uncertain="hold")
    name, number = (fault.name_of_hit, mails // SHARE) if hit else ("other", mails - mails // SHARE)
    for count in range(number):
        outbox.queue(message, f"{name}{count}.{message.id}@mail.example")
    db.session.commit()
    return message.id


def _send_all(app: Flask) -> None:
    """Send until nothing waits, or nothing moves any more: each rest is cut short."""
    last = -1
    while (waiting := _count("queued")) and waiting != last:
        last = waiting
        rests.clear(db.engine)
        Sender(app).run(until_idle=True)


def _count(state: str) -> int:
    found = len(db.session.scalars(select(Delivery.id).where(Delivery.state == state)).all())
    db.session.commit()
    return found


def _found(message_ids: list[int]) -> Outcome:
    rows = db.session.scalars(select(Delivery).where(Delivery.message_id.in_(message_ids))).all()
    states: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + 1
    resting = {row.name for row in db.session.scalars(select(Rest)) if row.failures > 1 or row.name}
    blamed = sum(suppression.blocks(row.address, "research", "bulk") for row in rows)
    db.session.commit()
    return Outcome(states, resting, blamed)
