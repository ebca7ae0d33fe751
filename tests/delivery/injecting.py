"""Attempts to add headers, recipients or SMTP commands through everything that a mail is made of."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError

from crm.delivery import outbox
from crm.delivery.addresses import normalize, wire_form
from crm.delivery.models import Delivery
from crm.extensions import db
from tests.delivery.standards import faults
from tests.smtp_server import Mail, SmtpServer

EVIL = "evil@attacker.example"
BREAKS = [
    *("\r\n", "\n", "\r", "\r\n\r\n", "\n\n", "\r\n ", "\n\t", "\0", "\0\r\n", "\x0b", "\x0c", "\x1c", "\x1e", "\x85"),
    *(
        "\u2028",
        "\u2029",
        "%0d%0a",
        "%0A",
        "\\r\\n",
        "=0D=0A",
        "=\r\n",
        "=?utf-8?Q?=0D=0A?=",
        "&#13;&#10;",
        "\u560a\u560d",
    ),
    *(
        "\r\n.\r\n",
        "\n.\n",
        "\n.\r\n",
        "\r.\r",
        "\r\n.\n",
        "\r\n..\r\n",
        ">\r\n",
        '">\r\n',
        "\ufeff\r\n",
        " \r\r\n",
        "\x1b\n",
    ),
]
COMMANDS = [
    f"Bcc: {EVIL}",
    f"To: {EVIL}",
    f"From: {EVIL}",
    "Subject: owned",
    "Content-Type: text/html\r\n\r\n<script>",
    "List-Unsubscribe: <https://attacker.example>",
    f"RCPT TO:<{EVIL}>",
    f"MAIL FROM:<{EVIL}>\r\nRCPT TO:<{EVIL}>\r\nDATA\r\nSubject: owned\r\n\r\nx\r\n.",
    "DATA",
    "QUIT",
    f", {EVIL}",
    f"<{EVIL}>",
    f'" <{EVIL}>, "',
]
PLACES = [
    *("subject", "sender", "sender_address", "reply_to", "header", "header_name", "list_id", "address", "address_end"),
    *("text", "html", "in_subject", "in_text", "in_html", "in_attribute", "in_link", "long_name"),
]
LINK = '<a href="{{ unsubscribe_url }}">x</a>'
HEADERS = [
    *("date", "to", "message-id", "list-unsubscribe", "list-unsubscribe-post", "from", "subject", "precedence"),
    *("list-help", "list-owner", "list-post", "list-id", "feedback-id", "mime-version", "content-type"),
]


@dataclass
class Outcome:
    """What became of the attempts: refused at once, refused when printed, or sent as one good mail each."""

    attempts: int = 0
    refused: int = 0
    failed: int = 0
    mails: int = 0
    wrong: list[str] = field(default_factory=list)


def attempts(number: int) -> Iterator[tuple[str, str]]:
    """Return (place, payload): every place with every break and command, spread evenly, at most `number`."""
    everything = list(itertools.product(PLACES, BREAKS, COMMANDS))
    for step in range(number):
        place, gap, command = everything[step * len(everything) // number]
        yield place, f"x{gap}{command}{gap if step % 2 else ''}"


def queue_all(number: int) -> tuple[Outcome, dict[int, tuple[str, str]]]:
    """Write and queue a mail for each attempt; return the outcome so far, and place and address by delivery."""
    outcome, waiting = Outcome(), {}
    for step, (place, payload) in enumerate(attempts(number)):
        outcome.attempts += 1
        address = {"address": f"a{payload}@mail.example", "address_end": f"a@mail.example{payload}"}.get(
            place, f"person{step}@mail.example"
        )
        try:
            with db.session.begin_nested():
                message = outbox.write(**_message(place, payload))
                merge = {"value": payload * (50 if place == "long_name" else 1)}
                delivery = outbox.queue(message, address, contact_id=step + 1, merge=merge)
        except (ValueError, DBAPIError):
            outcome.refused += 1
            continue
        waiting[delivery] = (place, address)
    db.session.commit()
    return outcome, waiting


def judge(outcome: Outcome, waiting: dict[int, tuple[str, str]], server: SmtpServer) -> Outcome:
    """Compare what the server was told with what may have been said."""
    states = dict(db.session.query(Delivery.id, Delivery.state).all())
    outcome.failed = sum(states[one] == "failed" for one in waiting)
    outcome.mails = len(server.mails)
    seen = Counter()
    for mail in server.mails:
        number = int(re.search(rb"\r\nMessage-ID: <(\d+)\.", mail.raw)[1])
        seen[number] += 1
        place, address = waiting.get(number, ("", ""))
        outcome.wrong += [f"{place}: {fault}" for fault in _faults(mail, place, address)]
    sent = {one for one in waiting if states[one] == "sent"}
    if seen != Counter(sent) or len(sent) + outcome.failed != len(waiting):
        outcome.wrong.append(f"{len(sent)} sent, {outcome.failed} failed, {outcome.mails} arrived of {len(waiting)}")
    verbs = Counter(command.split(" ")[0].split(":")[0].upper() for command in server.commands)
    if any(verbs[verb] != len(sent) for verb in ("MAIL", "RCPT", "DATA")):
        outcome.wrong.append(f"commands: {dict(verbs)}")
    if more := set(verbs) - {"EHLO", "MAIL", "RCPT", "DATA", "QUIT", "RSET"}:
        outcome.wrong.append(f"commands: {sorted(more)}")
    return outcome


def _message(place: str, payload: str) -> dict[str, Any]:
    text = "Hello {{ value }} https://crm.example/?n={{ value }} {{ unsubscribe_url }}"
    values = {
        "subject": "Hello {{ value }}" if place in ("in_subject", "long_name") else "Hello",
        "text": text,
        "html": f"<p title='{{{{ value }}}}'>{{{{ value }}}}</p><a href=\"{{{{ value }}}}\">y</a>{LINK}",
        "sender": "Bridgeway <news@bridgeway.example>",
        "kind": "bulk",
        "list_id": "research",
    }
    changes = {
        "subject": {"subject": payload},
        "sender": {"sender": f"{payload} <news@bridgeway.example>"},
        "sender_address": {"sender": f"Bridgeway <news{payload}@bridgeway.example>"},
        "reply_to": {"reply_to": f"{payload} <news@bridgeway.example>"},
        "header": {"headers": {"X-Trial": payload}},
        "header_name": {"headers": {f"X-Trial{payload}": "x"}},
        "list_id": {"list_id": f"research{payload}"},
        "text": {"text": f"{payload} {{{{ unsubscribe_url }}}}"},
        "html": {"html": f"<p>{payload}</p>{LINK}"},
    }
    return values | changes.get(place, {})


def _faults(mail: Mail, place: str, address: str) -> list[str]:
    found = []
    expected = r"news[!-~]*@bridgeway\.example" if place == "sender_address" else r"news@bridgeway\.example"
    if mail.recipient != wire_form(normalize(address))[0] or not re.fullmatch(expected, mail.sender):
        found.append(f"envelope {mail.sender!r} → {mail.recipient!r}")
    head = re.sub(rb"\r\n[ \t]", b" ", mail.raw.partition(b"\r\n\r\n")[0]).decode("utf-8", "replace")
    names = sorted(line.partition(":")[0].lower() for line in re.split(r"[\r\n]+", head))
    more = {"header": ["x-trial"], "header_name": ["x-trial"], "reply_to": ["reply-to"]}.get(place, [])
    if names != sorted([*HEADERS, *more]):
        found.append(f"headers {names}")
    content = ("only in the", "no way to leave")
    return found + [fault for fault in faults(mail.raw, bulk=True) if not fault.startswith(content)]
