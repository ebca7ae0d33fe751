"""All connections of one sender, and the one wait for all of them."""

import logging
import selectors
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from flask import Flask

from crm.delivery.connection import MailError, Opened, VerifiedConnection
from crm.delivery.journal import Journal, boot_seconds
from crm.delivery.lane import Done, Lane, MayGo, Trouble

log = logging.getLogger(__name__)

IDLE_SECONDS = 10  # An idle connection is kept open so long.


class Lanes:
    """Opens connections as they are needed, waits for all at once, closes them when they are idle."""

    def __init__(
        self, app: Flask, journals: Callable[[int], Journal], may_go: MayGo, done: Done, trouble: Trouble
    ) -> None:
        self.app = app
        self.trouble = trouble
        self.selector = selectors.DefaultSelector()
        timeout = float(app.config["SMTP_TIMEOUT"])
        self.all = [
            Lane(journals(number), timeout, may_go, done, trouble) for number in range(app.config["WORKER_CONNECTIONS"])
        ]
        self.opening: dict[Lane, Future[Opened]] = {}
        self.reopen_at = 0.0

    def wait(self, seconds: float) -> None:
        """Wait until a connection can go on, at most so long, and let it."""
        self._take_over_opened()
        if not self.selector.get_map():
            seconds = min(seconds, 0.05)
        for key, events in self.selector.select(seconds):
            lane: Lane = key.data
            lane.ready(events)

    def idle(self) -> list[Lane]:
        return [lane for lane in self.all if lane.phase == "idle"]

    def usable(self) -> bool:
        """Return whether a connection stands."""
        return any(lane.phase != "closed" for lane in self.all)

    def busy(self) -> bool:
        """Return whether a letter is on its way."""
        return any(lane.letter is not None for lane in self.all)

    def open_more(self, count: int) -> None:
        """Begin to open so many closed connections. Threads do it, for greeting, TLS and login block."""
        closed = [lane for lane in self.all if lane.phase == "closed" and lane not in self.opening]
        for lane in closed[: max(0, count - len(self.opening))]:
            self.opening[lane] = Future()
            work = (self.opening[lane], VerifiedConnection(self.app))
            Thread(target=_open, args=work, name="connect", daemon=True).start()  # No end of a worker waits for it.

    def check_time(self, now: float) -> None:
        """Give up on servers that do not answer; close what has been idle for long."""
        for lane in self.all:
            lane.check_time(now)
            if lane.phase == "idle" and now > lane.expires + IDLE_SECONDS:
                lane.close(politely=True)

    def give_up(self) -> None:
        """Close the connections that still wait for an answer."""
        for lane in self.all:
            if lane.letter is not None:
                lane.lost("the worker was stopped", blames=False)

    def note_lease(self, until: float) -> None:
        """Write down, before anything is taken, until when this worker may send it."""
        self.all[0].journal.lease(until)

    def note_recorded(self) -> None:
        """Let the journals forget what the database knows."""
        for lane in self.all:
            if lane.letter is None:
                lane.journal.recorded()

    def leave(self) -> None:
        """Close everything, after every result has been recorded."""
        for lane in self.all:
            lane.close(politely=True)
            lane.journal.close(delete=True)
        self.selector.close()

    def _take_over_opened(self) -> None:
        for lane, future in list(self.opening.items()):
            if not future.done():
                continue
            del self.opening[lane]
            try:
                lane.open(future.result(), self.selector)
                lane.expires = boot_seconds()
            except MailError as error:
                self.trouble(None, None, str(error), permanent=error.permanent)


def _open(future: Future[Opened], connection: VerifiedConnection) -> None:
    try:
        future.set_result(connection.open())
    except Exception as error:
        future.set_exception(error)
