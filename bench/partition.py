"""What if a host is cut off from the database for longer than its lease, while it still reaches the mail server?

Two hosts in network namespaces share one PostgreSQL and send one mailing, each with an instance folder of its own. The
first one's way to the database goes down in the middle, and comes back. Nothing may be lost. In resend mode at most
what it held then may arrive twice; in hold mode nothing does.

    python -m bench.partition [--recipients 6000] [--cut 20]

Needs root; the namespaces, their addresses (10.213.0.0/16, 10.214.0.0/16) and links are made here and removed again.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from bench import stage
from bench.counting_sink import CountingSink
from bench.kill_trial import QUIET, judge, until
from crm.config import ROOT
from crm.extensions import db

HOSTS = (1, 2)
LEASE_SECONDS = 6
ANSWER_SECONDS = 0.02
PATIENCE_SECONDS = 120
HELD = text("SELECT count(*) FROM delivery WHERE state = 'in_flight' AND owner LIKE :host || '-%'")


def main() -> bool:
    """Run a trial in each mode, print a JSON line each, and return whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipients", type=int, default=6000)
    parser.add_argument("--cut", type=float, default=20.0, help="seconds")
    asked = parser.parse_args()
    with ExitStack() as links, stage.folder() as place:
        try:
            for number in HOSTS:
                links.enter_context(host(number))
        except (OSError, subprocess.CalledProcessError) as error:
            stage.tell(bench="partition", skipped=f"network namespaces are not permitted here: {error}")
            return True
        stage.database_url("postgresql", place, "first")
        stage.listen(",".join(f"10.213.{number}.1" for number in HOSTS), "10.213.0.0/16")
        kept = [trial(mode, place, asked.recipients, asked.cut) for mode in ("resend", "hold")]
    return all(kept)


@contextmanager
def host(number: int) -> Iterator[None]:
    """A network namespace with one link for the database and one for mail."""
    name = _name(number)
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "lo", "up")
        for net, kind in ((213, "d"), (214, "m")):
            here, there = f"{name}{kind}", f"{name}{kind}p"
            _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
            _ip("addr", "add", f"10.{net}.{number}.1/24", "dev", here)
            _ip("-n", name, "addr", "add", f"10.{net}.{number}.2/24", "dev", there)
            _ip("link", "set", here, "up")
            _ip("-n", name, "link", "set", there, "up")
        yield
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)  # Its links go with it.


def trial(mode: str, place: Path, recipients: int, cut: float) -> bool:
    """Send one mailing from both hosts, cut the first one off, and print what became of it."""
    with EverywhereSink(ANSWER_SECONDS) as sink, stage.installation("postgresql", place, sink.port) as installation:
        message_id = stage.queue_mailing(recipients, kilobytes=3, on_uncertain=mode).id
        db.session.commit()
        workers = [_worker(installation, number, place / f"{mode}-{number}", sink.port) for number in HOSTS]
        until(lambda: sink.accepted > recipients // 10, PATIENCE_SECONDS)
        held = _cut(cut)
        sink.delay = 0
        done = until(lambda: not _open(), PATIENCE_SECONDS)
        time.sleep(2)
        alive = [worker.poll() is None for worker in workers]
        for worker in workers:
            worker.terminate()
            worker.wait(60)
        counts = judge(message_id, sink)
    bound = held if mode == "resend" else 0
    told = {"bench": "partition", "mode": mode, "recipients": recipients, "cut_seconds": cut, "lease": LEASE_SECONDS}
    stage.tell(**told, held_when_cut=held, finished=done, workers_alive=alive, **counts, bound=bound)
    unharmed = not counts["lost"] and not counts["unfinished"] and int(str(counts["duplicates"])) <= bound
    return done and all(alive) and unharmed


class EverywhereSink(CountingSink):
    """A mail server that the namespaces reach."""

    host = "0.0.0.0"


def _worker(installation: stage.Installation, number: int, instance: Path, mail_port: int) -> subprocess.Popen[bytes]:
    url = f"postgresql+psycopg://postgres@10.213.{number}.1/{db.engine.url.database}"
    mail = {"MAIL_SERVER": f"10.214.{number}.1", "MAIL_PORT": str(mail_port), "LEASE_SECONDS": str(LEASE_SECONDS)}
    environment = installation.environment | mail | {"DATABASE_URL": url, "INSTANCE_PATH": str(instance)}
    # A host name of its own, so that the rows tell whose they are.
    inside = f"hostname {_name(number)} && exec {sys.executable} -m crm worker --processes 2"
    command = ["ip", "netns", "exec", _name(number), "unshare", "--uts", "sh", "-c", inside]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, **QUIET)
    installation.started.append(process)
    return process


def _cut(seconds: float) -> int:
    """Take the first host's way to the database down for so long; return how many copies it held then."""
    link = f"{_name(1)}d"
    _ip("link", "set", link, "down")
    held = int(db.session.scalar(HELD, {"host": _name(1)}) or 0)
    db.session.rollback()
    time.sleep(seconds)
    _ip("link", "set", link, "up")
    return held


def _open() -> bool:
    states = "('queued', 'in_flight', 'deferred')"
    found = db.session.scalar(text(f"SELECT EXISTS (SELECT 1 FROM delivery WHERE state IN {states})"))
    db.session.rollback()
    return bool(found)


def _name(number: int) -> str:
    return f"gw{os.getpid() % 100000}{'ab'[number - 1]}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
