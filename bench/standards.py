"""Do 10,000 mails, of every template, language and kind of text, keep the standards, and do their signatures hold?

The lint and dkimpy share no code with the program. Also: what a mail costs with and without signatures, and whether a
change to any signed header breaks them. BENCH_MAILS and BENCH_VERIFIED make it shorter.
"""

import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator

from bench import stage
from crm.config import ROOT
from crm.delivery import dkim, letters, outbox
from crm.delivery.letter import Letter
from crm.delivery.press import Press
from crm.extensions import db
from crm.mailings import identity, rendering
from crm.mailings.models import Mailing
from tests import factories
from tests.delivery.standards import faults
from tests.delivery.verifying import make_keys, verified, zone_of

MAILS = int(os.environ.get("BENCH_MAILS", "10000"))
VERIFIED = int(os.environ.get("BENCH_VERIFIED", str(MAILS)))
CHANGED = 100  # mails of which each signed header is changed once
TEMPLATES = sorted({path.parent.name for path in (ROOT / "templates" / "email").glob("*/subject.txt")})
SCRIPTS = [
    "abcdefgh XYZ.,;'\"<>&@=?#%\\",
    "áéñçßøž Łł",
    "مرحبا بكم ",
    "日本語のメール",
    "🙂🏳️‍🌈\u200f\u200d",
    ". \t",
    "\r\n\x0b\0\x85\u2028",
]
SIGNED_ROUNDS = 2000


def main() -> int:
    chance = random.Random(20261122)
    with stage.folder() as place:
        keys = make_keys(place)
        zone = zone_of(keys, "bridgeway.example")
        paths = {"DKIM_PRIVATE_KEY": "rsa.pem", "DKIM_ED25519_PRIVATE_KEY": "ed.pem"}
        settings = {f"{name}_FILE": str(place / file) for name, file in paths.items()}
        settings |= {"DKIM_SELECTOR": keys[0].selector, "DKIM_ED25519_SELECTOR": keys[1].selector}
        with stage.installation("sqlite", place, 1, **settings) as installation:
            factories.make_coalition()
            messages = [*_letters(), *_mailings(chance)]
            db.session.commit()
            found, signed = _look(installation, messages, zone, chance)
            costs = _costs(installation, keys)
    broken, changes = _changes(signed, zone)
    stage.tell(
        measurement="standards",
        mails=MAILS,
        messages=len(messages),
        faults=sum(found.values()),
        first_faults=list(found)[:5],
        dkim_verified_by_dkimpy=sum(all(holds) and len(holds) == 2 for holds in signed.values()),
        dkim_looked_at=len(signed),
        changes_to_signed_headers=changes,
        broken_by_them=broken,
        **costs,
    )
    good = not found and all(all(holds) for holds in signed.values()) and broken == changes
    return 0 if good else 1


def _letters() -> Iterator[tuple[int, bool, set[str]]]:
    for name in TEMPLATES:
        for locale in ("en", "es", "ar"):
            draft = letters.render(name, locale)
            yield outbox.write(draft.subject, draft.html, draft.text, sender=draft.sender).id, False, draft.fields


def _mailings(chance: random.Random) -> Iterator[tuple[int, bool, set[str]]]:
    who = identity.current()
    for number in range(60):
        subject = f"{_words(chance, 60)} {{{{ first_name | default: 'you' }}}} {_words(chance, 60)}"
        body = "\n\n".join(_words(chance, 400) for _ in range(chance.randrange(1, 30)))
        body = f'Dear {{{{ first_name | default: "friend" }}}},\n\n{body}\n\n[button: Go](https://bridgeway.example/{number})'
        language = ("en", "es", "ar")[number % 3]
        mailing = Mailing(subject=subject, preheader="", body=body, markup="markdown", language=language)
        mail = rendering.render(mailing, who)
        values = {"sender": identity.sender(who), "kind": "bulk", "list_id": ("action-alerts", "research")[number % 2]}
        yield (
            outbox.write(" ".join(mail.subject.split()).replace("\0", ""), mail.html, mail.text, **values).id,
            True,
            {"first_name"},
        )


def _look(
    installation: stage.Installation,
    messages: list[tuple[int, bool, set[str]]],
    zone: dict[bytes, bytes],
    chance: random.Random,
) -> tuple[Counter[str], dict[bytes, list[bool]]]:
    press = Press(installation.app, db.engine)
    found: Counter[str] = Counter()
    signed = {}
    for number in range(1, MAILS + 1):
        message_id, bulk, fields = messages[number % len(messages)]
        merge = {
            one: f"https://crm.example/x/{number}" if one.endswith("_url") else _words(chance, 80) for one in fields
        }
        domain = chance.choice(["mail.example", "bücher.example", "例え.example"])
        address = f"{'p' * chance.randrange(1, 50)}{number}@{domain}"
        letter = Letter(number, 1, f"{number:032x}", address, number, merge, 0, None, message_id)
        raw = press.print(letter, False).content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        found.update(faults(raw, bulk=bulk))
        if number <= VERIFIED:
            signed[raw] = verified(raw, zone)
    return found, signed


def _words(chance: random.Random, longest: int) -> str:
    signs = chance.choice(SCRIPTS) + chance.choice(SCRIPTS)
    text = "".join(chance.choice(signs) for _ in range(chance.randrange(longest)))
    return re.sub(r"[{}\[\]()<>`]|https?:", "", text) + chance.choice(["", "w" * chance.randrange(300)])


def _changes(signed: dict[bytes, list[bool]], zone: dict[bytes, bytes]) -> tuple[int, int]:
    broken = changes = 0
    for raw in list(signed)[:: max(1, len(signed) // CHANGED)][:CHANGED]:
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = re.split(rb"\r\n(?![ \t])", head)
        for place, line in enumerate(lines):
            name, _, value = line.partition(b":")
            if name.decode().lower() in dkim.SIGNED:
                shorter = value.rstrip()[:-1] or b" y"  # A blank at the end counts for nothing (RFC 6376 §3.4.2).
                for other in ([line + b"x"], [], [line, line] if name.lower() == b"from" else [name + b":" + shorter]):
                    changed = b"\r\n".join([*lines[:place], *other, *lines[place + 1 :]])
                    changes += 1
                    broken += not any(verified(changed + b"\r\n\r\n" + body, zone))
        changes += 1
        broken += not any(verified(head + b"\r\n\r\n" + body.replace(b"e", b"f", 1) + b"x\r\n", zone))
    return broken, changes


def _costs(installation: stage.Installation, keys: list[dkim.Key]) -> dict[str, float]:
    """Processor microseconds a mail of one mailing, printed alone."""
    message = stage.queue_mailing(1)
    db.session.commit()
    costs = {}
    for name, used in (("unsigned", []), ("rsa2048", keys[:1]), ("ed25519", keys[1:]), ("both", keys)):
        press = Press(installation.app, db.engine)
        press.signer = dkim.Signer(used) if used else None
        merge = [{"first_name": f"Person {number % 500}"} for number in range(SIGNED_ROUNDS)]
        press.plate(message.id)
        begun = time.process_time()
        for number, values in enumerate(merge):
            press.print(
                Letter(number, 1, f"{number:032x}", f"p{number}@mail.example", number, values, 0, None, message.id),
                False,
            )
        costs[f"microseconds_{name}"] = round((time.process_time() - begun) / SIGNED_ROUNDS * 1e6, 1)
    return costs


if __name__ == "__main__":
    sys.exit(main())
