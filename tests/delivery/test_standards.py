"""Every mail that the program writes keeps the standards, read back from its raw bytes by a parser of its own."""

import itertools
from pathlib import Path

import idna
import pytest

from crm.config import ROOT
from crm.delivery import letters, outbox
from crm.delivery.compiled import Content, compile_content
from crm.delivery.mime import BadHeader, list_id
from crm.delivery.models import Delivery
from crm.extensions import db, mail
from tests.delivery.standards import LIST_ID, faults
from tests.delivery.test_outbox import make_message
from tests.delivery.verifying import make_keys, verified, zone_of
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.test_reach import send
from tests.sending import send_due
from tests.smtp_server import Script, SmtpServer

LETTERS = sorted({path.parent.name for path in Path(ROOT / "templates" / "email").glob("*/subject.txt")})
MAILBOX = "imaps://user:password@mail.example/INBOX"
VALUES = ["Amina", "Zoë “Z” O'Neil & <b>", "منظمة " * 30, ". \r\n..\r\nBcc: x@y.example", "x" * 3000, "日本 \t "]
BODY = """Dear {{ first_name | default: "friend" }},

.dots at the start, a very long word """ + "w" * 300 + """ and https://bridgeway.example/report?a=1&b=2

[button: Firmar ahora](https://bridgeway.example/ñ?x=1&y=2)

| a | b |
|---|---|
| é | {{ last_name }} |
"""  # fmt: skip


@pytest.fixture
def signed(app, tmp_path):
    """The application with https addresses and a key; returns the zone in which others find it."""
    keys = make_keys(tmp_path, both=False)
    key = (tmp_path / "rsa.pem").read_text()
    app.config.update(PUBLIC_URL="https://crm.example", DKIM_PRIVATE_KEY=key, DKIM_SELECTOR="one")
    return zone_of(keys, "bridgeway.example")


def test_every_letter_in_every_language_keeps_the_standards(app, signed, sink, deliver):
    for name, locale, (number, value) in itertools.product(LETTERS, ("en", "es", "ar"), enumerate(VALUES)):
        fields = letters.render(name, locale).fields
        merge = {one: f"https://crm.example/x/{number}" if one.endswith("_url") else value for one in fields}
        letters.send(name, f"{name}.{locale}.{number}@mail.example", locale=locale, occasion="1", merge=merge)
    mails = deliver()
    assert len(mails) == len(LETTERS) * 3 * len(VALUES)
    assert {mail.recipient: faults(mail.raw, bulk=False) for mail in mails if faults(mail.raw, bulk=False)} == {}
    assert all(verified(mail.raw, signed) == [True] for mail in mails[::7])


@pytest.mark.parametrize(("language", "mailbox"), [("en", ""), ("en", MAILBOX), ("es", MAILBOX), ("ar", MAILBOX)])
def test_every_mailing_keeps_the_standards(app, signed, sink, deliver, language, mailbox):
    app.config.update(BOUNCE_DOMAIN="b\u00fccher.example", BOUNCE_MAILBOX=mailbox)
    for number, value in enumerate(VALUES):
        make_people(1, first_name=value.replace("\0", "")[:100], email=f"person{number}@b\u00fccher.example")
    mailing = make_mailing(
        subject='{{ first_name | default: "Friend" }}: ¡Actúa hoy! ' + "word " * 20, body=BODY, language=language
    )
    mails = send(mailing, deliver)
    assert len({one.message["Message-ID"] for one in mails}) == len(mails) == len(VALUES)
    for one in mails:
        assert one.sender.startswith("b+") and one.sender.encode() not in one.raw
        assert faults(one.raw, bulk=True) == []
        assert verified(one.raw, signed) == [True]
        assert one.recipient.endswith("@xn--bcher-kva.example")
        assert one.message["List-Unsubscribe"].count("@xn--bcher-kva.example?subject=unsubscribe>") == bool(mailbox)


def test_a_list_keeps_its_name_over_mailings(app, signed, sink, deliver):
    for subject in ("one", "two", "three"):
        outbox.queue(make_message(subject=subject), f"{subject}@mail.example", contact_id=7)
    assert {mail.message["List-Id"] for mail in deliver()} == {"Action alerts <action-alerts.crm.example>"}


@pytest.mark.parametrize(
    "domain", ["crm.example", ".".join(["b" * 60] * 3) + ".crm.example", "b" * 63 + ".example" * 23]
)
@pytest.mark.parametrize("label", ["x", "action-alerts", "a" * 300, "no good", "ümlaut", "a" * 240])
def test_a_list_identifier_is_short_and_well_formed(label, domain):
    value = list_id(label, domain)
    assert len(value) <= 255
    assert value.endswith(".example>")
    assert LIST_ID.fullmatch(value)
    assert value == list_id(label, domain), "it is the same for every mail of the list"
    assert value != list_id(label + "x", domain)


@pytest.mark.parametrize("name", ["From", "to", "Subject", "DATE", "List-Unsubscribe", "Bcc", "Content-Type"])
def test_a_header_that_the_program_writes_cannot_be_given_twice(name):
    with pytest.raises(BadHeader):
        compile_content(Content("s", "", "x", "a@b.example", headers={name: "x"}))


@pytest.mark.parametrize("offered", [True, False])
def test_an_address_that_needs_smtputf8_goes_where_it_is_offered_and_fails_clearly_elsewhere(app, offered):
    with SmtpServer(Script(smtputf8=offered)) as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, PUBLIC_URL="https://crm.example")
        mail.init_app(app)
        message = make_message(html='<a href="{{ unsubscribe_url }}">x</a>', text="{{ unsubscribe_url }}")
        outbox.queue(message, "zoë@bücher.example", contact_id=1)
        outbox.queue(message, "plain@bücher.example", contact_id=2)
        send_due(app)
        assert faults(server["plain@xn--bcher-kva.example"].raw, bulk=True) == []
        if offered:
            assert faults(server["zoë@xn--bcher-kva.example"].raw, bulk=True, smtputf8=True) == []
        else:
            failed = db.session.query(Delivery).filter_by(state="failed").one()
            assert "SMTPUTF8" in failed.smtp_reply
            assert len(server.mails) == 1


def test_a_web_address_beyond_ascii_stands_in_a_mail_with_a_labels(app, sink, deliver):
    app.config.update(PUBLIC_URL="https://B\u00fccher.example:8443/crm")
    outbox.queue(make_message(), "a@mail.example", contact_id=1)
    deliver()
    link = "<https://xn--bcher-kva.example:8443/crm/unsubscribe/"
    assert sink["a@mail.example"].message["List-Unsubscribe"].startswith(link)
    assert sink["a@mail.example"].raw.isascii()


PLAIN = [
    *("amina@mail.example", "o'neil+news@mail.example", "a.b-c_d@mail.example", "x=y@mail.example", "{a}@mail.example"),
    *(
        "amina@b\u00fccher.example",
        "amina@\u4f8b\u3048.example",
        "amina@\u0645\u062b\u0627\u0644.example",
        "a@fa\u00df.example",
    ),
    *(
        "samir@xn--bcher-kva.example",
        "amina@\u0440\u0435\u0447\u044c.example",
        "amina@s\u00e3o.paulo.example",
        "#!$%&@mail.example",
    ),
    *("a@\uff4d\uff41\uff49\uff4c.example", "A.MINA@MAIL.EXAMPLE"),
]
BEYOND_ASCII = [
    *(
        "zo\u00eb@mail.example",
        "jos\u00e9@mail.example",
        "\u00fc@mail.example",
        "\u65e5\u672c@mail.example",
        "\u0623\u0645\u064a\u0646\u0629@mail.example",
    ),
    *(
        "\u0438\u0432\u0430\u043d@mail.example",
        "n\u00ba1@mail.example",
        "a\u0301@mail.example",
        "caf\u00e9+news@mail.example",
        "\U0001f642@mail.example",
    ),
    *(
        "zo\u00eb@b\u00fccher.example",
        "jos\u00e9@\u4f8b\u3048.example",
        "\u65e5\u672c@\u4f8b\u3048.example",
        "\u0438\u0432\u0430\u043d@\u0440\u0435\u0447\u044c.example",
        "\u00df@fa\u00df.example",
    ),
]


@pytest.mark.parametrize("offered", [True, False])
def test_thirty_addresses_go_out_as_the_server_can_take_them_and_none_is_mangled(app, offered):
    """RFC 6531, RFC 5891: A-labels always, UTF-8 before the @ only where it is offered, never an encoded word."""
    everything = PLAIN + BEYOND_ASCII
    assert len(set(everything)) == 30
    with SmtpServer(Script(smtputf8=offered)) as server:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, PUBLIC_URL="https://crm.example")
        mail.init_app(app)
        message = make_message(html='<a href="{{ unsubscribe_url }}">x</a>', text="{{ unsubscribe_url }}")
        for number, address in enumerate(everything):
            outbox.queue(message, address, contact_id=number + 1)
        send_due(app)
        reachable = everything if offered else PLAIN
        expected = [f"{a.lower().rpartition('@')[0]}@{a_labels(a.rpartition('@')[2])}" for a in reachable]
        assert sorted(one.recipient for one in server.mails) == sorted(expected)
        for one in server.mails:
            assert f"\r\nTo: {one.recipient}\r\n".encode() in one.raw
            assert faults(one.raw, bulk=True, smtputf8=not one.recipient.isascii()) == []
        for command in server.commands:
            if command.startswith("MAIL") and offered:
                assert command.endswith(">") or command.endswith(" BODY=8BITMIME SMTPUTF8")
            assert offered or command.isascii()
    failed = db.session.query(Delivery).filter_by(state="failed").all()
    assert sorted(one.address for one in failed) == sorted(set(everything) - set(reachable))
    assert all("SMTPUTF8" in one.smtp_reply for one in failed)


def a_labels(domain: str) -> str:
    """The domain as DNS knows it, by the library and not by our own code."""
    return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()


GOOD = compile_content(
    Content("s", '<a href="https://x.example/u">x</a>', "https://x.example/u", "A <n@x.example>", "bulk", "research"),
    "x.example",
).render(
    b"To: a@b.example\r\nMessage-ID: <1.a@x.example>\r\nFeedback-ID: 1:a:bulk:0123456789ab\r\n"
    b"List-Unsubscribe: <https://x.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    {},
)[:-3]


LEAVE = b"<https://x.example/u>"
BY_MAIL = LEAVE + b", <mailto:u+a.b.c@x.example?subject=unsubscribe>"


def test_the_lint_finds_nothing_in_a_good_mail():
    assert faults(GOOD, bulk=True) == []
    assert faults(GOOD.replace(LEAVE, BY_MAIL), bulk=True) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"From:", b"From: b@x.example\r\nFrom:"),
        (b"To: a@b.example\r\n", b""),
        (b"a@b.example", b"a@b.example, c@d.example"),
        (b"a@b.example", b"a" * 65 + b"@b.example"),
        (b"Subject: s", b"Subject: s\r\nBcc: x@y.example"),
        (b"Subject: s", b"Subject: " + b"s" * 80),
        (b"Subject: s", b"Subject: s\n"),
        (b"Subject: s", b"Subject: =?utf-8?B?DQo=?="),
        (b"+0000", b"GMT"),
        (b"1.a@x.example", b"1.a@other.example"),
        (b"<https://x.example/u>", b"<http://x.example/u>"),
        (b"<https://x.example/u>", b"\r\n <https://x.example/u>"),
        (LEAVE, LEAVE + b", " + LEAVE),
        (LEAVE, BY_MAIL[23:]),
        (LEAVE, BY_MAIL[23:] + b", " + LEAVE),
        (LEAVE, BY_MAIL + BY_MAIL[21:]),
        (LEAVE, BY_MAIL.replace(b", ", b",\r\n ")),
        (LEAVE, BY_MAIL.replace(b"?subject=unsubscribe", b"")),
        (LEAVE, BY_MAIL.replace(b"u+a", b"U+A")),
        (LEAVE, BY_MAIL.replace(b"u+a", b"u" * 61)),
        (LEAVE, BY_MAIL.replace(b"u+a", b"u a")),
        (LEAVE, BY_MAIL.replace(b"@x.example", b"@-x.example")),
        (LEAVE, LEAVE + b"\r\nList-Unsubscribe: " + LEAVE),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"=One-Click", b"=one-click"),
        (b"List-Post: NO", b"List-Post: no"),
        (b"List-Id: Research <research.x.example>", b"List-Id: research.x.example"),
        (b"Precedence: bulk\r\n", b""),
        (b"quoted-printable", b"8bit"),
        (b"\r\nhttps://x.example/u", b"\r\nhttps://x.example/v"),
        (b"\r\nhttps://x.example/u", b"\r\nhttps://x.example/u =\xc3"),
        (b"\r\nhttps://x.example/u", b"\r\nhttps://x.example/u " + b"x" * 80),
        (b"\r\nhttps://x.example/u", b"\r\nhttps://x.example/u {{ name }}"),
        (b">x</a>", b">x</a>" + b"=\r\n".join([b"x" * 70] * 1600)),
    ],
)
def test_the_lint_finds_what_is_wrong(before, after):
    assert before in GOOD
    assert faults(GOOD.replace(before, after), bulk=True)
