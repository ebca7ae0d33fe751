"""How many sign-ups a second does one machine take, while a mailing goes out or not?

Starts gunicorn with the threads of `crm up`, `crm worker` and Postfix's smtp-sink on loopback, with a database of its
own in a temporary folder and without the check of a rush (FORMS_RUSH=0); posts sign-up forms from distinct networks
(X-Forwarded-For, TRUSTED_PROXIES=1) at a steady rate, by connections that are kept as those of a proxy are; counts the
answers, the rows and the log lines, and prints one line of JSON. Ends with 1 where a bound is missed. Who posts, the
mail server, the database, the web server and the worker share the machine.

    python -m bench.signups [--database sqlite] [--rate 170] [--seconds 20] [--mailing 150000] [--workers 2]
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from bench import stage
from crm import create_app
from crm.base import clock
from crm.config import ROOT
from crm.contacts import spam, wordings
from crm.contacts.models import Contact, SignUp, Topic
from crm.delivery import freezing, outbox
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import fields
from crm.organizations.models import Coalition
from crm.site import gunicorn

VISITORS = 64  # At once, at most; each on a connection of its own.
WARM_UP = 400
GOALS = {"sqlite": 150, "postgresql": 300}  # Sign-ups a second that have to be asked for.


def main(arguments: Sequence[str] = ()) -> bool:
    """Measure, print one line of JSON, and return whether all bounds were kept."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-signups-") as folder:
        settings = environment(Path(folder), stage.database_url(options.database, Path(folder), "signups"))
        os.environ.update(settings)
        app = create_app()
        with app.app_context():
            message_id = prepare(options.mailing)
            forms = fill_in(options.rate * options.seconds + WARM_UP)
        time.sleep(2.2)  # The forms' stamps must be two seconds old.
        log = Path(folder) / "web.log"
        with running(settings, log, options.workers):
            wait_for(int(settings["WEB_PORT"]))
            asyncio.run(post(forms[:WARM_UP], options.rate, int(settings["WEB_PORT"])))
            before = sent(app, message_id)
            begun = time.monotonic()
            answers = asyncio.run(post(forms[WARM_UP:], options.rate, int(settings["WEB_PORT"])))
            took = time.monotonic() - begun
            report = judge(app, answers, took, options.rate, log)
            after = sent(app, message_id)
            report["mailing_sent_a_second"] = round((after - before) / took)
            # Where there is a mailing, it went out all the while.
            report["ok"] = report["ok"] and (not options.mailing or before < after < options.mailing)
    print(json.dumps(report))
    return bool(report["ok"])


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=170, help="sign-ups a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument(
        "--mailing", type=int, default=150_000, help="recipients of the mailing that goes out meanwhile"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes of gunicorn")
    parser.add_argument("--database", default="sqlite", choices=stage.KINDS)
    return parser.parse_args(arguments)


def environment(folder: Path, database_url: str) -> dict[str, str]:
    return {
        "INSTANCE_PATH": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only-for-this-bench",
        "PUBLIC_URL": "http://127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "FORMS_RUSH": "0",  # The rush is what is measured.
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(free_port()),
        "MAIL_USE_TLS": "false",
        "WEB_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }


def prepare(recipients: int) -> int:
    """Set the installation up, and queue the mailing; returns its message's id."""
    upgrade()
    coalition = {"sender_name": "Bridgeway", "sender_email": "news@bridgeway.example", "postal_address": "12 Harbor St"}
    db.session.add(Coalition(name="Bridgeway Coalition", set_up_at=clock.now(), **coalition))
    db.session.add(Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, default=True))
    wordings.adopt("Bridgeway Coalition", "Alice Admin")
    body = "<p>Dear {{ first_name }},</p>" + "<p>Please write to your senator about licensing reform.</p>" * 60
    sender = "Bridgeway <news@bridgeway.example>"
    message = outbox.write(
        "Act now", body, "Dear {{ first_name }}", sender=sender, kind="bulk", list_id="action-alerts"
    )
    db.session.commit()
    for start in range(0, recipients, 2000):
        numbers = range(start, min(start + 2000, recipients))
        people = [
            {"email": f"r{n}@mail.example", "first_name": "Amina", "share_code": f"r{n}", "language": "en"}
            for n in numbers
        ]
        db.session.execute(insert(Contact), people)
        db.session.commit()
    freezing.queue_audience(message, select(Contact.email, Contact.id, fields.merge_json({"first_name"})))
    db.session.commit()
    return message.id


def fill_in(number: int) -> list[bytes]:
    """Return whole HTTP requests, each a form of its own, from a network of its own."""
    wording = wordings.current("en")
    assert wording is not None
    return [request(n, spam.stamp(wording.id)) for n in range(number)]


def request(number: int, stamp: str) -> bytes:
    typed = {
        "email": f"visitor{number}@mail.example",
        "first_name": "Amina",
        "zip_code": "02110",
        "language": "en",
        "consent": "y",
        "stamp": stamp,
        "place": "/",
        "utm_source": f"flyer{number % 5}",
    }
    body = urlencode(typed).encode()
    network = f"{10 + number // 65536}.{number // 256 % 256}.{number % 256}.7"
    head = (
        f"POST /signup HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {network}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def running(settings: dict[str, str], log: Path, workers: int) -> Iterator[None]:
    """The web server, the worker and the mail sink; ended by their ids."""
    sink = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
    bin_folder = Path(sys.executable).parent
    served = ["-k", gunicorn.worker_class, "-w", str(workers), "--threads", str(gunicorn.threads)]
    commands = [
        [sink, "-u", "nobody", f"127.0.0.1:{settings['MAIL_PORT']}", "512"],
        [sys.executable, "-m", "crm", "worker"],
        [bin_folder / "gunicorn", *served, "-b", f"127.0.0.1:{settings['WEB_PORT']}", "wsgi:app"],
    ]
    env = {**os.environ, **settings}
    with log.open("wb") as output:
        started = [subprocess.Popen(c, cwd=ROOT, env=env, stdout=output, stderr=output) for c in commands]
        try:
            yield
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(timeout=20)


async def post(requests: list[bytes], rate: int, port: int) -> list[tuple[int, float]]:
    """Send at a steady rate whatever the answers do; return each status and its seconds since it was due."""
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    answers: list[tuple[int, float]] = []
    begun = time.monotonic() + 0.05
    for number, octets in enumerate(requests):
        due.put_nowait((begun + number / rate, octets))
    await asyncio.gather(*(_visitor(due, answers, port) for _ in range(VISITORS)))
    return answers


async def _visitor(due: asyncio.Queue[tuple[float, bytes]], answers: list[tuple[int, float]], port: int) -> None:
    kept = Kept(port)
    while not due.empty():
        at, octets = due.get_nowait()
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        answers.append((await kept.status(octets), time.monotonic() - at))
    kept.close()


class Kept:
    """A connection that is kept, as a web server in front of ours keeps it, and opened anew where ours has ended it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def status(self, octets: bytes) -> int:
        """Return the status of the answer to a request; 0 where there was none."""
        for new in (False, True):
            try:
                if new or self.reader is None or self.writer is None:
                    self.close()
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                self.writer.write(octets)
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                await self.reader.readexactly(length)
                return int(head[9:12])
            except (OSError, ValueError, asyncio.IncompleteReadError):
                continue
        return 0

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def judge(app: Flask, answers: list[tuple[int, float]], took: float, rate: int, log: Path) -> dict[str, object]:
    milliseconds = sorted(seconds * 1000 for _, seconds in answers)
    with app.app_context():
        signed_up = db.session.scalar(select(func.count()).select_from(SignUp)) or 0
        asked = db.session.scalar(select(func.count()).where(Delivery.address.like("visitor%"))) or 0
        database = db.engine.dialect.name
        db.session.remove()
    statuses = Counter(str(status) for status, _ in answers)
    text = log.read_text(errors="replace")
    report: dict[str, object] = {
        "bench": "signups",
        "database": database,
        "rush": "off",
        "asked_for_a_second": rate,
        "answered_a_second": round(len(answers) / took, 1),
        "p50_ms": round(milliseconds[len(milliseconds) // 2], 1),
        "p99_ms": round(milliseconds[len(milliseconds) * 99 // 100], 1),
        "max_ms": round(milliseconds[-1], 1),
        "statuses": dict(statuses),
        "sign_ups": signed_up,
        "confirmations": asked,
        "locked": text.count("database is locked"),
        "errors_logged": text.count("Traceback"),
    }
    whole = signed_up == asked == len(answers) + WARM_UP and set(statuses) == {"303"}
    fast = (
        rate >= GOALS[database]
        and len(answers) / took >= 0.98 * rate
        and milliseconds[len(milliseconds) * 99 // 100] < 250
    )
    report["ok"] = whole and fast and not report["locked"] and not report["errors_logged"]
    return report


def sent(app: Flask, message_id: int) -> int:
    with app.app_context():
        number = outbox.counts(message_id)["sent"]
        db.session.remove()
    return number


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the web server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
