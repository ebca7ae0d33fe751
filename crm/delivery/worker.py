"""The worker: one supervisor that ticks, and the sender processes it starts, watches and starts again."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from flask import Flask

from crm.base.parent import follow
from crm.delivery import recovery, rests
from crm.delivery.engine import Engine, Tasks
from crm.delivery.sender import Sender, installation_id, journal_folder
from crm.delivery.ticker import Job, Ticker
from crm.extensions import db

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.1
GRACE_SECONDS = 15
SHORTEST_REST, LONGEST_REST = 0.1, 10.0
# Where the processor is short, visitors come before bulk mail; but a sender that gets too little of it keeps them
# waiting too, while it holds the write lock of SQLite.
NICENESS = 5


class Child:
    """A sender process. It is a new program, not a fork: nothing of a connection or a lock is shared."""

    def __init__(self, until_idle: bool) -> None:
        self.command = [sys.executable, "-m", "crm", "sender", "--parent", str(os.getpid())]
        self.command += ["--until-idle"] if until_idle else []
        self.process: subprocess.Popen[bytes] | None = None
        self.rest = SHORTEST_REST
        self.start_at = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)  # noqa: S603  Our own command.

    def done(self) -> bool:
        """Return whether the process ended by itself and content; start it again where it died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return False
        code = self.process.poll()
        if code is None or code == 0:
            return code == 0
        self.rest = SHORTEST_REST if code < 0 else min(self.rest * 2, LONGEST_REST)
        log.warning("a sender ended with code %d; another starts in %.1f s", code, self.rest)
        self.process, self.start_at = None, now + self.rest
        return False


def run(
    app: Flask,
    recurring: Sequence[Job],
    tasks: Tasks,
    *,
    processes: int,
    until_idle: bool = False,
    parent: int | None = None,
) -> None:
    """Tick, run jobs and send until SIGTERM or the end of that parent, or until nothing is due, in flight or unsettled.

    recurring: what to do every so often. tasks: what may be asked for by name and id (crm.base.jobs).
    """
    stop = threading.Event()
    _on_signal(stop.set, parent)
    folder = journal_folder(app, installation_id(db.engine))
    engine = Engine(app, recurring, tasks, folder)
    if until_idle:
        rests.clear(db.engine)
        _until_idle(engine.ticker, processes, stop)
        engine.ticker.guard.release()
        return
    engine.start()
    try:
        _supervise([Child(False) for _ in range(processes)], stop)
    finally:
        engine.stop()


def run_sender(app: Flask, *, until_idle: bool, parent: int | None) -> None:
    """Send in this process until SIGTERM, or until that parent is gone. The caller is a child process of a worker."""
    os.nice(NICENESS)
    sender = Sender(app)
    _on_signal(sender.stop, parent)
    sender.run(until_idle=until_idle)


def _until_idle(ticker: Ticker, processes: int, stop: threading.Event) -> None:
    ticker.tick_all()
    while not stop.is_set():
        _supervise([Child(True) for _ in range(processes)], stop)
        ticker.tick_all()
        if not recovery.unsettled(db.engine):
            return


def _supervise(children: list[Child], stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            ended = [child.done() for child in children]  # Each is looked after, whatever the others do.
            if all(ended):
                return
            stop.wait(LOOK_EVERY_SECONDS)
    finally:
        _end([child.process for child in children if child.process and child.process.poll() is None])


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("a sender did not end in time and is killed; the next one settles what it left")
            process.kill()
            process.wait()


def _on_signal(act: Callable[[], None], parent: int | None) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    if parent is not None:
        follow(parent)
