"""What a copy of a mail says; hostile mails take neither much time nor room, and raise nothing."""

import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from crm.influencers.inbound import bodies, quoting, reading
from crm.influencers.inbound.header_addresses import addresses_in
from tests.influencers.inbound import mails
from tests.influencers.inbound.mails import ADA, HOSTILE, OSCAR, html, mail, written

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def read(octets):
    return reading.read(mail(octets), NOW)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_no_mail_takes_much_time_or_room_or_fails(app, caplog):
    for name, octets in HOSTILE.items():
        tracemalloc.start()
        begun = time.process_time()
        try:
            found = read(octets)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert time.process_time() - begun < 8, name
        assert peak < 150 * 1024 * 1024, name
        for text in (found.text, found.quoted, found.subject, *found.attached, *found.receivers, found.sender):
            assert "\0" not in text and len(text) <= bodies.LONGEST, name
            text.encode()
        assert len(found.receivers) <= 1000 and len(found.attached) <= 20 and "\n" not in found.subject
        assert datetime(2000, 1, 1, tzinfo=UTC) <= found.written_at
    assert "cannot be read" not in caplog.text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_mail_that_breaks_the_parsers_is_kept_all_the_same(app, monkeypatch):
    def broken(_message):
        raise RecursionError

    monkeypatch.setattr(bodies, "of", broken)
    to = f"log+1.{'a' * 32}@in.example"
    found = read(written(to=to))
    assert found.subject == "(This mail cannot be read)" and found.to == [f"{to.partition('@')[0]}@"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Ada <Ada@Senate.example>, pat@mail.example", [ADA, "pat@mail.example"]),
        ('"ada@senate.example" <eve@evil.example>', ["eve@evil.example"]),
        ('"ada@senate.example, x" eve@evil.example', ["eve@evil.example"]),
        ("(ada@senate.example) eve@evil.example", ["eve@evil.example"]),
        ("ada@senate.example <eve@evil.example>", ["eve@evil.example"]),
        ("=?utf-8?q?ada=40senate.example?= <eve@evil.example>", ["eve@evil.example"]),
        ("<eve@evil.example> <ada@senate.example>", [ADA]),
        ("Friends: ada@senate.example, pat@mail.example;", [ADA, "pat@mail.example"]),
        ("undisclosed-recipients:;", []),
        ('"Adams, Ada" <ada@senate.example>', [ADA]),
        ('"open <ada@senate.example>', []),
        ("a b@mail.example", []),
        ("", []),
    ],
)
def test_addresses_are_read_and_names_are_not(value, found):
    assert addresses_in(value) == found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_html_becomes_text(app):
    found = read(html("<style>p{}</style><p>Dear Ada,</p><p>see <b>you</b> &lt;b&gt;</p><script>alert(1)</script>"))
    assert "Dear Ada," in found.text and "see you <b>" in found.text
    assert "alert" not in found.text and "p{}" not in found.text
    assert read(mails.HOSTILE["balanced html"]).text.strip() == "hello"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_text_in_any_charset_is_read(app):
    head = written(Content_Type="text/plain; charset=windows-1256", body="").encode()
    assert read(head + "شكرا".encode("cp1256")).text == "شكرا"
    head = written(Content_Type="text/plain; charset=iso-8859-1", Content_Transfer_Encoding="quoted-printable", body="")
    assert read(head + "Se=F1ora").text == "Señora"


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Yes.\n\nOn Mon, Nov 2, 2026 at 9:00 AM Ada Adams <ada@senate.example> wrote:\n> Will you?\n", "Yes."),
        ("Yes.\n\nOn Mon, Nov 2, 2026 at 9:00 AM Ada Adams\n<ada@senate.example> wrote:\n\n> Will you?\n", "Yes."),
        ("Sí.\n\nEl lun, 2 nov 2026 a las 9:00, Ada (<ada@senate.example>) escribió:\n> ¿Sí?\n", "Sí."),
        ("نعم\n\nفي الاثنين، 2 نوفمبر 2026، كتب Ada:\n> هل\n", "نعم"),
        ("Yes.\n-----Original Message-----\nFrom: Ada\nSent: today\n\nWill you?", "Yes."),
        ("Yes.\n\nFrom: Ada Adams\nSent: Monday\nTo: Oscar\nSubject: Bill\n\nWill you?", "Yes."),
        ("Yes.\n\n> Will you?\n> Please.\n", "Yes."),
        ("> Will you?\nYes.\n> And he?\nNo.\n", "> Will you?\nYes.\n> And he?\nNo."),
        ("On Monday she wrote: I agree.\nSo we go on.", "On Monday she wrote: I agree.\nSo we go on."),
        ("From: the heart\nwe thank you.", "From: the heart\nwe thank you."),
        ("> all quoted", ""),
        ("", ""),
    ],
)
def test_what_is_quoted_is_told_apart_and_nothing_is_lost(body, own):
    text, quoted = quoting.split(body)
    assert text == own
    assert [line for line in f"{text}\n{quoted}".split("\n") if line] == [line for line in body.split("\n") if line]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (mails.GMAIL, [ADA, OSCAR, "pat@mail.example"]),
        (mails.APPLE, [ADA, OSCAR]),
        (mails.OUTLOOK, [ADA]),
        (mails.SPANISH, [ADA, OSCAR]),
        ("Hello\n> ada@senate.example said so", []),
    ],
)
def test_whom_a_forwarded_head_names(body, found):
    assert quoting.forwarded_addresses(quoting.split(body)[1]) == found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_mail_that_is_attached_is_quoted_and_its_head_read(app):
    octets = f"From: {OSCAR}\nTo: x@in.example\nSubject: Fwd\n{mails.ATTACHED}"
    found = read(octets)
    assert found.text == "See the mail." and "I will support it." in found.quoted
    assert list(found.forwarded) == [ADA, OSCAR]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("given", "machine"),
    [
        ({}, False),
        ({"Auto_Submitted": "no"}, False),
        ({"Subject": "Could you confirm your e-mail?"}, False),
        ({"List_Id": "Friends <friends.example>"}, False),
        ({"Auto_Submitted": "auto-replied"}, True),
        ({"Auto_Submitted": "auto-generated; owner-email=x"}, True),
        ({"Return_Path": "<>"}, True),
        ({"X_Autoreply": "yes"}, True),
        ({"Precedence": "auto_reply"}, True),
        ({"List_Id": "Action alerts <action-alerts.crm.example>"}, True),
        ({"Content_Type": "multipart/report; boundary=b", "body": "--b\n\nx\n--b--"}, True),
    ],
)
def test_what_a_machine_wrote_is_known_by_its_head(app, given, machine):
    assert read(written(**given)).machine is machine


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_date_is_that_of_the_mail_where_it_is_one(app):
    assert read(written()).written_at == datetime(2026, 11, 2, 15, tzinfo=UTC)
    for wrong in ("Mon, 02 Nov 2099 10:00:00 -0500", "Mon, 02 Nov 1970 10:00:00 -0500", "soon", ""):
        assert read(written(Date=wrong)).written_at == NOW


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_trace_fields_change_nothing_of_what_tells_mails_apart(app):
    first, second = read(written()), read(f"Received: by x\nDelivered-To: y\n{written()}")
    assert first.digest == second.digest
    assert first.digest != read(written(body="Other")).digest
    assert first.digest != read(written(Message_ID="<2@mail.example>")).digest
