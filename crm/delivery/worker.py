"""The worker: one supervisor that ticks, and the sender processes it starts, watches and starts again."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

from flask import Flask

from crm.base.children import Child, end
from crm.base.parent import follow
from crm.delivery import recovery, rests
from crm.delivery.engine import Engine, Tasks
from crm.delivery.sender import Sender, installation_id, journal_folder
from crm.delivery.ticker import Job, Ticker
from crm.extensions import db

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 0.1
GRACE_SECONDS = 15
# Where the processor is short, visitors come before bulk mail; but a sender that gets too little of it keeps them
# waiting too, while it holds the write lock of SQLite.
NICENESS = 5


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
        _supervise(processes, stop)
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
        _supervise(processes, stop, until_idle=True)
        ticker.tick_all()
        if not recovery.unsettled(db.engine):
            return


def _supervise(processes: int, stop: threading.Event, *, until_idle: bool = False) -> None:
    command = [sys.executable, "-m", "crm", "sender", "--parent", str(os.getpid())]
    command += ["--until-idle"] if until_idle else []
    senders = [Child("a sender", command, may_end=until_idle) for _ in range(processes)]
    try:
        while not stop.is_set():
            ended = [sender.look_after() for sender in senders]  # Each of them, whatever the others do.
            if all(ended):
                return
            stop.wait(LOOK_EVERY_SECONDS)
    finally:
        end(senders, GRACE_SECONDS)


def _on_signal(act: Callable[[], None], parent: int | None) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    if parent is not None:
        follow(parent)
