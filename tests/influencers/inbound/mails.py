"""Mails of the tests: what a user sends, and what nobody should."""

from crm.delivery.bounces.mails import Mail, whole

OSCAR = "oscar@bridgeway.example"
ADA = "ada@senate.example"


def mail(octets: bytes | str) -> Mail:
    return whole("test", [octets.encode() if isinstance(octets, str) else octets])


def written(to: str = f"Ada Adams <{ADA}>", *, sender: str = f"Oscar <{OSCAR}>", **given: str) -> str:
    """A mail as a user writes it; body and further fields are given by name."""
    body = given.pop("body", "Dear Ada,\n\nthank you for your time.\n\nOscar\n")
    fields = {
        "From": sender,
        "To": to,
        "Subject": "Thank you",
        "Date": "Mon, 02 Nov 2026 10:00:00 -0500",
        "Message-ID": "<1@mail.example>",
        **{name.replace("_", "-"): value for name, value in given.items()},
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value is not None) + f"\n{body}"


GMAIL = """See below.

---------- Forwarded message ---------
From: Ada Adams <ada@senate.example>
Date: Mon, Nov 2, 2026 at 9:00 AM
Subject: Your bill
To: Oscar <oscar@bridgeway.example>
Cc: "eve@evil.example" <pat@mail.example>

I will support it.
From: Trap <trap@mail.example>
"""
APPLE = """

Begin forwarded message:

> From: Ada Adams <ada@senate.example>
> Subject: Your bill
> Date: November 2, 2026 at 9:00:00 AM EST
> To: Oscar <oscar@bridgeway.example>
>\x20
> I will support it.
"""
OUTLOOK = """FYI

________________________________
From: Adams, Ada [mailto:ada@senate.example]
Sent: Monday, November 2, 2026 9:00 AM
To: Oscar Organizer
Subject: Your bill

I will support it.
"""
SPANISH = """Mira.

-----Mensaje original-----
De: Ada Adams <ada@senate.example>
Enviado el: lunes, 2 de noviembre de 2026 9:00
Para: Oscar <oscar@bridgeway.example>
Asunto: Su proyecto

Lo apoyo.
"""
ATTACHED = """MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the mail.
--b
Content-Type: message/rfc822

From: Ada Adams <ada@senate.example>
To: Oscar <oscar@bridgeway.example>
Subject: Your bill

I will support it.
--b--
"""


def nested(depth: int) -> bytes:
    """A multipart in a multipart, so many times."""
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return f"From: {OSCAR}\nTo: {ADA}\n{opened}Content-Type: text/plain\n\nhello".encode()


def many_parts(number: int) -> bytes:
    parts = "--b\nContent-Type: text/plain\n\nx\n" * number
    return f"From: {OSCAR}\nTo: {ADA}\nContent-Type: multipart/mixed; boundary=b\n\n{parts}--b--".encode()


def html(page: str, **given: str) -> str:
    return written(MIME_Version="1.0", Content_Type="text/html; charset=utf-8", body=page, **given)


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no head": b"\n\n\n",
    "no body": written(body="").encode(),
    "no from": b"To: ada@senate.example\n\nhello",
    "zeros": b"From: " + OSCAR.encode() + b"\nTo: ada@senate.example\nSubject: a\0b\n\nhe\0llo\0",
    "octets": bytes(range(256)) * 400,
    "deep": nested(2000),
    "parts": many_parts(20_000),
    "one line": b"From: " + OSCAR.encode() + b"\n\n" + b"x" * 3_000_000,
    "long field": b"Subject: " + b"x" * 2_000_000 + b"\n\nhello",
    "many fields": b"X-A: b\n" * 100_000 + b"\nhello",
    "receivers": (
        f"From: {OSCAR}\nTo: " + ",\n ".join(f"p{n}@mail.example" for n in range(10_000)) + "\n\nhello"
    ).encode(),
    "comments": (f"From: {OSCAR}\nTo: " + "(" * 50_000 + ADA + "\n\nhello").encode(),
    "quotes": (f"From: {OSCAR}\nTo: " + '\\"' * 50_000 + ADA + "\n\nhello").encode(),
    "angles": (f"From: {OSCAR}\nTo: " + "<" * 90_000 + "\n\nhello").encode(),
    "bad charset": written(Content_Type='text/plain; charset="no-such"', body="hällo").encode(),
    "slow charset": written(Content_Type="text/plain; charset=punycode", body="a" * 400_000).encode(),
    "no charset": written(Content_Type="text/plain; charset=zip").encode(),
    "escapes": written(Content_Type="text/plain; charset=unicode_escape", body="\\N{x} \\x").encode(),
    "base64": written(Content_Transfer_Encoding="base64", body="!!! not === base64 \x00").encode(),
    "uuencode": written(Content_Transfer_Encoding="x-uuencode", body="begin 666 x\n#####\n").encode(),
    "words": written(Subject="=?utf-8?B?!!!?= =?no-such?Q?x?= =?utf-8?q?" + "=41" * 50_000 + "?=").encode(),
    "injected": written(Subject="=?utf-8?Q?one=0D=0ABcc=3A_eve@evil.example?=").encode(),
    "dates": written(Date="Mon, 99 Foo 99999 25:61:61 +9999").encode(),
    "far date": written(Date="Fri, 31 Dec 9999 23:59:59 -2359").encode(),
    "old date": written(Date="Mon, 01 Jan 0001 00:00:00 +2359").encode(),
    "deep html": html("<div>" * 50_000 + "hello").encode(),
    "deep tables": html("<table><tr><td>" * 3000 + "hello").encode(),
    "balanced html": html("<div>" * 20_000 + "hello" + "</div>" * 20_000).encode(),
    "many cells": html("<table>" + "<tr><td>x" * 40_000).encode(),
    "long tables": html("<table>" * 150 + ("<tr><td>" + "x " * 5000) * 30).encode(),
    "unmatched html": html("<b></i>" * 20_000).encode(),
    "indented": html("<p style='margin-left:99999999em'>x<table><tr><td colspan=99999999>y").encode(),
    "open html": html("<" * 100_000).encode(),
    "entities": html("&" * 100_000 + "&#x110000;&#0;").encode(),
    "script": html("<script>alert(1)</script><style>x</style><p onclick=x>hello<img src=http://evil.example>").encode(),
    "quoted lines": written(body=">" * 90_000 + "\n" + "> \n" * 30_000).encode(),
    "wrote": written(body="On " * 30_000 + "\n" + "On 2026 x\n" * 9000).encode(),
    "heads": written(body="From: x\nDate: y\nTo: z\n" * 4000).encode(),
    "rules": written(body="-" * 90_000 + "\n" + "_" * 9000 + "\n").encode(),
    "names": written(
        Content_Type='multipart/mixed; boundary="b"',
        body="--b\nContent-Disposition: attachment; filename*=utf-8''" + "%41" * 9000 + "\n\nx\n--b--\n",
    ).encode(),
    "file names": written(
        Content_Type='multipart/mixed; boundary="b"',
        body="".join(f'--b\nContent-Disposition: attachment; filename="../../{n}\r.exe"\n\nx\n' for n in range(90))
        + "--b--\n",
    ).encode(),
    "surrogates": written(Subject="a").encode() + b"\xed\xa0\x80\xff\xfe",
    "own boundary": written(Content_Type="multipart/mixed; boundary=", body="x").encode(),
    "itself": written(Content_Type="message/rfc822", body=written()).encode(),
}
