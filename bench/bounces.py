"""Whose bounce is it, and does any mail break the reader?

10,000 copies are printed as the sender prints them. Each bounces four times: plainly; through a relay that rewrites
Message-ID and Date; through one that has no signed envelope sender either but hands back its own header; with a forged
signature. Then 10,000 mutated mails are read. And no status of the kinds 4.x, 5.2.2 and 5.7.x may ever end an address.

    python -m bench.bounces [--samples FOLDER …]

reads such folders of bounces too, a mail a file: those of our tests always; tests/data of flufl.bounce's source, say.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter
from email import message_from_bytes
from itertools import product
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.stage import KINDS, folder, free_port, installation, queue_mailing, tell
from crm.base.database import reading
from crm.delivery.bounces import classes, clues, recording
from crm.delivery.bounces.mails import whole
from crm.delivery.bounces.reading import findings
from crm.delivery.letter import Letter
from crm.delivery.models import Delivery
from crm.delivery.press import Press
from crm.extensions import db
from tests.delivery.bounces.samples import FOLDER, dsn, mail, mutated

MANY = 10_000
REWRITTEN = ("message-id", "date", "return-path")
SIGNS = "0123456789abcdef"
STATUS_LINE = re.compile(rb"^Status:\s*(\d\.\d+\.\d+)", re.MULTILINE | re.IGNORECASE)
LIVING = re.compile(rb"4\.\d+\.\d+|5\.2\.2|5\.7\.\d+")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", nargs="+", type=Path, default=[], help="folders of bounces, a mail a file")
    folders = [FOLDER, *parser.parse_args().samples]
    report: dict[str, object] = {"bench": "bounces", "copies": MANY}
    good = True
    for kind in KINDS:
        with folder() as place, installation(kind, place, free_port()) as made:
            found = attributed(made.app)
        report[kind] = found
        good &= found["plain"] == found["rewritten"] == found["provider"] == MANY and found["forged"] == 0
    report["mutated"], report["raised"] = MANY, raised()
    report["living_ended"] = living_ended()
    report["samples"] = tables = {str(folder): table(folder) for folder in folders}
    good &= not any(found["living_ended"] for found in tables.values())
    report["ok"] = good and not report["raised"] and not report["living_ended"]
    tell(**report)
    return 0 if report["ok"] else 1


def attributed(app: Flask) -> dict[str, float]:
    """Return how many bounces of each kind were attributed to their own copy, and how many a second were judged."""
    app.config.update(BOUNCE_DOMAIN="bounce.example", MAIL_PROVIDER="ses")
    queue_mailing(MANY, kilobytes=1)
    press, dice, right = Press(app, db.engine), random.Random(3464), Counter()
    with reading():
        copies = db.session.execute(select(Delivery.id, Delivery.uuid, Delivery.address, Delivery.message_id)).all()
        began = time.monotonic()
        for row in copies:
            letter = Letter(row.id, 1, row.uuid, row.address, row.id, None, 0, None, row.message_id)
            for how, octets in bounces(press, letter, dice).items():
                verdicts = recording.judge(mail(octets))
                right[how] += any(verdict.delivery and verdict.delivery.id == row.id for verdict in verdicts)
        rate = round(4 * len(copies) / (time.monotonic() - began))
        db.session.rollback()
    return {**{how: right[how] for how in ("plain", "rewritten", "provider", "forged")}, "judged_a_second": rate}


def bounces(press: Press, letter: Letter, dice: random.Random) -> dict[str, bytes]:
    printed = press.print(letter, smtputf8=False)
    sender = printed.envelope[0].decode().partition("<")[2].partition(">")[0]
    head = message_from_bytes(printed.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    plain = "".join(f"{name}: {value}\n" for name, value in head.items())
    kept = "".join(f"{name}: {value}\n" for name, value in head.items() if name.lower() not in REWRITTEN)
    unmarked = "".join(line + "\n" for line in kept.splitlines() if not line.startswith("X-SES"))
    changed = f"Message-ID: <{dice.getrandbits(64):x}@relay.example>\nDate: Thu, 01 Jan 1970 00:00:00 +0000\n"
    elsewhere = {"recipient": "forwarded@else.example"}
    return {
        "plain": dsn(to=sender, returned=plain, **elsewhere),
        "rewritten": dsn(to=sender, returned=changed + unmarked, **elsewhere),
        "provider": dsn(returned=changed + kept, **elsewhere),
        "forged": dsn(to=forged(sender, dice), returned=changed + unmarked, recipient=letter.address),
    }


def forged(sender: str, dice: random.Random) -> str:
    """Return the envelope sender with one sign of its uuid or its signature changed."""
    local, _, domain = sender.partition("@")
    place = dice.choice([n for n in range(local.index("."), len(local)) if local[n] in SIGNS])
    other = dice.choice([sign for sign in SIGNS if sign != local[place]])
    return f"{local[:place]}{other}{local[place + 1 :]}@{domain}"


def raised() -> int:
    """Return how many of the mutated mails raise anything, or say nothing at all."""
    dice, failed = random.Random(5965), 0
    originals = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]
    for number in range(MANY):
        try:
            read = whole(str(number), [mutated(dice, originals)])
            message = read.parsed()
            failed += not findings(read, message)
            clues.in_mail(read, message, b"key")
        except Exception:
            failed += 1
    return failed


def living_ended() -> int:
    """Return how many statuses that leave an address alive are called hard, whatever words stand beside them."""
    statuses = [f"4.{subject}.{detail}" for subject, detail in product(range(8), range(40))]
    statuses += ["5.2.2", *(f"5.7.{detail}" for detail in range(1000))]
    words = ("", "550 5.1.1 user unknown", "550 no such user", "551 user does not exist")
    return sum(classes.of_refusal([status], 550, text) == classes.HARD for status in statuses for text in words)


def table(folder: Path) -> dict[str, object]:
    """Return how many samples are of which class, and those that end an address although their statuses let it live."""
    kinds: Counter[str] = Counter()
    ended = []
    samples = sorted(path for path in folder.iterdir() if path.suffix in (".eml", ".txt"))
    for path in samples:
        read = whole(path.name, [path.read_bytes()])
        found = {finding.kind for finding in findings(read, read.parsed())}
        kinds.update(found)
        statuses = STATUS_LINE.findall(read.octets)
        if classes.HARD in found and statuses and all(map(LIVING.fullmatch, statuses)):
            ended.append(path.name)
    return {"mails": len(samples), **dict(sorted(kinds.items())), "living_ended": ended}


if __name__ == "__main__":
    sys.exit(main())
