"""How many requests a second does the home page take, as `crm up` serves it, and how old is what it shows?

    python -m bench.home_page [--seconds 10] [--connections 16] [--keep 8]

Starts gunicorn as `crm up` does (two processes, eight threads each) on loopback, with a database of its own that holds
the sample data; asks for `/` over keep-alive connections that each wait for their answer; once as each
request is rendered anew (KEEP_PAGES_SECONDS=0), and once with the page kept. While it is kept, a supporter is confirmed
each second, and the age of what is shown is read from the count on the page. Prints a line of JSON each; ends with 1
where fewer than 1,000 a second are answered, anything older than 10 s is shown, or no count was read that rises.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask_migrate import upgrade

from crm import create_app
from crm.base import clock
from crm.contacts.models import Contact
from crm.extensions import db
from crm.goals import progress
from crm.site import gunicorn
from crm.site.demo import loading

WANTED, OLDEST = 1000, 10.0
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n\r\n"
COUNT = re.compile(rb'max="800" value="(\d+)"')


@dataclass
class Visit:
    """What one connection got: answers, their bytes, the counts that it read, and the age of the oldest in seconds."""

    answers: int = 0
    size: int = 0
    oldest: float = 0.0
    counts: list[int] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> bool:
    """Measure both ways, print a line of JSON each, and return whether both bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--keep", type=int, default=8)
    asked = parser.parse_args(arguments)
    found = [_measure(keep, asked.seconds, asked.connections) for keep in (0, asked.keep)]
    counted = all(one["counts_read"] > 1 and one["count_rose_by"] > 0 for one in found)
    return bool(counted and found[1]["a_second"] >= WANTED and found[1]["oldest_seconds"] <= OLDEST)


def _measure(keep: int, seconds: float, connections: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-home-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        os.environ |= {"INSTANCE_PATH": folder, "KEEP_PAGES_SECONDS": str(keep), gunicorn.PARENT: str(os.getpid())}
        app = create_app()
        with app.app_context():
            upgrade()
            loading.load()
            db.session.commit()
        free.close()
        command = [sys.executable, "-m", "gunicorn", "--config", f"python:{gunicorn.__name__}"]
        server = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"])
        try:
            _wait_for(port)
            confirmed: list[tuple[int, float]] = []
            over = threading.Event()
            writer = threading.Thread(target=_confirm, args=(app, confirmed, over))
            writer.start()
            time.sleep(2)
            visits = asyncio.run(_ask(port, seconds, connections, confirmed))
            over.set()
            writer.join()
        finally:
            server.terminate()
            server.wait()
    answers, read = sum(one.answers for one in visits), [count for one in visits for count in one.counts]
    oldest = max(one.oldest for one in visits)
    figures = {"a_second": round(answers / seconds), "oldest_seconds": round(oldest, 1), "bytes": visits[0].size}
    figures |= {"counts_read": len(read), "count_rose_by": max(read, default=0) - min(read, default=0)}
    print(json.dumps({"bench": "home_page", "keep_seconds": keep, "connections": connections, **figures}), flush=True)
    return figures


def _confirm(app: object, confirmed: list[tuple[int, float]], over: threading.Event) -> None:
    """Let one more supporter be confirmed each second; note the count from when on it is right."""
    with app.app_context():  # type: ignore[attr-defined]
        goal = progress.public_goal()
        assert goal
        number = goal.actual
        while not over.wait(1):
            number += 1
            code = f"b{number:011d}"[:12]
            db.session.add(Contact(email=f"b{number}@mail.example", share_code=code, confirmed_at=clock.now()))
            db.session.commit()
            confirmed.append((number, time.monotonic()))


async def _ask(port: int, seconds: float, connections: int, confirmed: list[tuple[int, float]]) -> list[Visit]:
    end = time.monotonic() + seconds
    return list(await asyncio.gather(*(_visitor(port, end, confirmed) for _ in range(connections))))


async def _visitor(port: int, end: float, confirmed: list[tuple[int, float]]) -> Visit:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    visit = Visit()
    while time.monotonic() < end:
        asked = time.monotonic()
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length, head
        body = await reader.readexactly(int(length[1]))
        visit.answers, visit.size = visit.answers + 1, len(body)
        if visit.answers % 20 == 0 and (shown := COUNT.search(body)):
            count = int(shown[1])
            visit.counts.append(count)
            visit.oldest = max([visit.oldest, *(asked - at for number, at in confirmed if number > count)])
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return visit


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    sys.exit(0 if main() else 1)
