"""Nothing that people write adds a header, a recipient or a command: bench/injection.py tries far more."""

import itertools
import re
from collections import Counter

from crm.delivery import outbox
from crm.delivery.compiled import Content, compile_content
from tests.delivery.injecting import PLACES, judge, queue_all
from tests.delivery.standards import faults
from tests.sending import send_due

ENDS = ["\r\n", "\n", "\r", "\r\r\n", "\n\r", "\0\r\n", "\x85", "\u2028"]
DOTS = [".", "..", ". ", "\x00."]
SMUGGLED = "MAIL FROM:<eve@evil.example>\r\nRCPT TO:<eve@evil.example>\r\nDATA\r\nSubject: owned\r\n\r\nowned"
# What some server somewhere takes for the end of a mail.
ANY_END = re.compile(rb"(?:\r\n|\r|\n)\.(?:\r\n|\r|\n)")


def test_no_text_name_or_address_adds_a_header_a_recipient_or_a_command(app, sink):
    app.config["PUBLIC_URL"] = "https://crm.example"
    outcome, waiting = queue_all(len(PLACES) * 20)
    send_due(app)
    judged = judge(outcome, waiting, sink)
    assert judged.wrong == []
    assert judged.mails > 100
    assert judged.refused > 50


def smuggling() -> list[str]:
    """Bodies that end a mail, for some server, and go on with commands."""
    return [f"Hello{one}{dot}{two}{SMUGGLED}{one}{dot}{two}" for one, dot, two in itertools.product(ENDS, DOTS, ENDS)]


def test_two_hundred_bodies_that_end_early_arrive_as_one_mail_each(app, sink):
    app.config["PUBLIC_URL"] = "https://crm.example"
    bodies = smuggling()
    assert len(bodies) >= 200
    link = '<a href="{{ unsubscribe_url }}">x</a>'
    for number, body in enumerate(bodies):
        message = outbox.write(
            "Hello",
            f"<pre>{{{{ value }}}} {body}</pre>{link}",
            f"{{{{ unsubscribe_url }}}} {body} {{{{ value }}}}",
            sender="Bridgeway <news@bridgeway.example>",
            kind="bulk",
            list_id="research",
        )
        outbox.queue(message, f"person{number}@mail.example", contact_id=number + 1, merge={"value": body})
    send_due(app)
    assert sorted(one.recipient for one in sink.mails) == sorted(f"person{n}@mail.example" for n in range(len(bodies)))
    verbs = Counter(command.split(" ")[0].split(":")[0] for command in sink.commands)
    assert {verb: verbs[verb] for verb in ("MAIL", "RCPT", "DATA")} == dict.fromkeys(
        ("MAIL", "RCPT", "DATA"), len(bodies)
    )
    assert set(verbs) <= {"EHLO", "ehlo", "MAIL", "RCPT", "DATA", "QUIT", "quit", "RSET"}
    assert not any("evil.example" in command for command in sink.commands)
    broken = ("bare CR", "octets over", "a line of")
    assert [fault for one in sink.mails for fault in faults(one.raw, bulk=True) if fault.startswith(broken)] == []


def test_on_the_wire_nothing_but_the_end_of_a_mail_looks_like_one():
    for body in smuggling():
        content = Content("Hello", f"<pre>{{{{ value }}}}{body}</pre>", f"{body}{{{{ value }}}}", "A <a@b.example>")
        octets = compile_content(content).render(b"To: x@y.example\r\n", {"value": body})
        ends = [match.end() for match in ANY_END.finditer(octets)]
        assert ends == [len(octets)], body
