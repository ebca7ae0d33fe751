"""The worker as a process: its senders, its one ticker, its end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from bench import kill_trial
from bench.counting_sink import CountingSink
from bench.stage import Installation, child_environment, end, family
from crm.base import limits
from crm.base.models import Counter
from crm.config import ROOT
from crm.delivery import outbox
from crm.delivery.models import Delivery, Rest
from crm.delivery.sender import STOP_SECONDS
from crm.delivery.ticker import Guard, Ticker
from crm.extensions import db
from crm.timetable import Job
from tests.delivery.test_outbox import make_message
from tests.processes import Forking
from tests.smtp_server import Script, SmtpServer

WAIT = 120


@pytest.fixture
def counting() -> Iterator[CountingSink]:
    with CountingSink() as sink:
        yield sink


@pytest.fixture
def installation(app: Flask, counting: CountingSink) -> Iterator[Installation]:
    """This test's database and instance folder, for processes."""
    names = ("DATABASE_URL", "INSTANCE_PATH", "SECRET_KEY", "PUBLIC_URL")
    settings = {name: app.config[name] for name in names}
    mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(counting.port), "MAIL_USE_TLS": "false"}
    made = Forking(app, child_environment(**settings, **mail))
    yield made
    made.end()


def queue(number: int, **values) -> int:
    message = make_message(**values)
    for one in range(number):
        outbox.queue(message, f"person{one}@mail.example", contact_id=one + 1)
    db.session.commit()
    return message.id


@pytest.mark.parametrize("mode", ["resend", "hold"])
def test_a_mailing_survives_killed_workers(installation, counting, mode):
    """The same trial, with hundreds of kills, is bench/kill_trial.py."""
    message_id = queue(150, on_uncertain=mode)
    counting.delay = 0.02
    for progress in (7, 40):
        victim = installation.start("sender")
        assert kill_trial.until(lambda enough=counting.accepted + progress: counting.accepted >= enough, WAIT)
        end(victim)
    counting.delay = 0
    assert installation.start("sender", "--until-idle").wait(WAIT) == 0
    found = kill_trial.judge(message_id, counting)
    bound = 2 * kill_trial.CONNECTIONS
    assert (found["lost"], found["unfinished"]) == (0, 0)
    assert found["duplicates"] <= (bound if mode == "resend" else 0)
    assert found["uncertain"] <= (bound if mode == "hold" else 0)


def test_until_idle_sends_all_that_is_due_and_ends(installation, counting):
    message_id = queue(40)
    worker = installation.start("worker", "--until-idle", "--processes", "2")
    assert worker.wait(WAIT) == 0
    assert set(counting.copies.values()) == {1}
    assert outbox.counts(message_id)["sent"] == 40
    assert db.session.execute(select(Delivery.owner, Delivery.lease_until).distinct()).all() == [(None, None)]


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_replaces_a_sender_that_ends_and_gives_back_what_it_has_not_sent_when_it_is_stopped(
    app, installation, counting, sign
):
    message_id = queue(400)
    counting.delay = 0.05
    worker = installation.start("worker")
    try:
        assert kill_trial.until(lambda: counting.accepted >= 5, WAIT)
        ended = family(worker.pid)[1]
        os.kill(ended, sign)
        assert kill_trial.until(lambda: family(worker.pid)[1:] not in ([], [ended]), WAIT)
        before = counting.accepted
        assert kill_trial.until(lambda: counting.accepted >= before + 10, WAIT)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(WAIT) == 0
    finally:
        end(worker)
    counts = outbox.counts(message_id)
    assert counts["queued"] == 400 - counts["sent"]
    assert 0 <= len(counting.copies) - counts["sent"] <= kill_trial.CONNECTIONS
    kept = {path.name.split("-")[-2] for path in Path(app.config["INSTANCE_PATH"]).rglob("*.journal")}
    assert kept == ({str(ended)} if sign is signal.SIGKILL else set())  # Who ends in peace keeps none.


def test_a_sender_that_waits_for_a_mute_mail_server_ends_at_once_when_it_is_stopped(installation):
    queue(1)
    with SmtpServer(Script(greeting=None)) as mute:
        installation.environment.update(MAIL_PORT=str(mute.port), SMTP_TIMEOUT="60")
        sender = installation.start("sender")
        assert kill_trial.until(lambda: mute.connections > 0, WAIT)
        sender.send_signal(signal.SIGTERM)
        assert sender.wait(STOP_SECONDS) == 0
    assert db.session.scalars(select(Rest)).all() == []


def test_a_sender_ends_with_the_worker_that_started_it(installation):
    command = [sys.executable, "-m", "crm", "sender", "--parent", "1"]
    assert subprocess.run(command, env=installation.environment, cwd=ROOT, timeout=WAIT).returncode == 0


def test_only_one_of_many_may_tick_and_another_takes_over(app, tmp_path):
    first, second = Guard(db.engine, tmp_path / "a"), Guard(db.engine, tmp_path / "a")
    assert first.holds()
    assert first.holds()
    assert not second.holds()
    first.release()
    assert second.holds()
    second.release()


HOLDER = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from crm.delivery.ticker import Guard

guard = Guard(create_engine(sys.argv[1]), Path(sys.argv[2]))
for _ in sys.stdin:
    print(guard.holds(), flush=True)
"""


def test_of_many_processes_one_ticks_and_when_it_is_killed_another_one_does(app, tmp_path):
    def may_tick(process: subprocess.Popen) -> bool:
        process.stdin.write("?\n")
        process.stdin.flush()
        return process.stdout.readline() == "True\n"

    command = [sys.executable, "-c", HOLDER, app.config["SQLALCHEMY_DATABASE_URI"], str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen(command, **pipes) for _ in range(4)]
    try:
        for _ in range(2):
            ticking = [process for process in processes if may_tick(process)]
            assert len(ticking) == 1
        ticking[0].kill()
        others = [process for process in processes if process is not ticking[0]]
        assert kill_trial.until(lambda: any(may_tick(process) for process in others), WAIT)
        assert sum(may_tick(process) for process in others) == 1
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has one host.
def test_hosts_that_share_a_database_share_one_ticker(app, tmp_path):
    here, there = Guard(db.engine, tmp_path / "here"), Guard(db.engine, tmp_path / "there")
    assert here.holds()
    assert not there.holds()
    here.release()
    assert there.holds()
    there.release()


def test_a_job_is_committed_and_one_that_fails_stops_nobody(app, tmp_path):
    def fail() -> None:
        limits.count("lost", timedelta(hours=1))
        raise RuntimeError("broken")

    jobs = [
        Job("fails", fail, timedelta(hours=1)),
        Job("counts", lambda: limits.count("kept", timedelta(hours=1)), timedelta(hours=1)),
    ]
    ticker = Ticker(app, jobs, Guard(db.engine, tmp_path))
    ticker.tick_all()
    other = Ticker(app, jobs, Guard(db.engine, tmp_path))
    other.tick_all()
    ticker.guard.release()
    assert list(db.session.execute(select(Counter.key, Counter.count))) == [("kept", 1)]
