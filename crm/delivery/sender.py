"""The sender: one process, a few SMTP connections, no threads but for connecting."""

import logging
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from crm.base import signing
from crm.base.database import reading
from crm.base.models import Installation
from crm.delivery import failpoints, recovery, rests
from crm.delivery.journal import Journal, boot_seconds
from crm.delivery.lane import Lane
from crm.delivery.lanes import Lanes
from crm.delivery.ledger import Ledger
from crm.delivery.letter import Letter, Result
from crm.delivery.press import Press, Unprintable
from crm.extensions import db

log = logging.getLogger(__name__)

T = TypeVar("T")
HOLD_SECONDS = 0.8  # Unsent letters go back then, so that pause, cancel and unsubscribe bite within a second.
BATCH_SECONDS = 0.4  # How much sending a batch is sized for.
MOST_LETTERS = 600  # A turn with so many stays well under 100 ms on SQLite.
POLL_SECONDS = 0.25
SETTLE_SECONDS = 10
LINGER_SECONDS = 0.03  # Results wait so long for company before they are recorded.
REOPEN_SECONDS = 0.1
DATABASE_PAUSE = 0.5
STOP_SECONDS = 10  # So long a stopped sender waits for answers; supervisors kill after 15.


class Sender:
    """Sends what is due until it is told to stop. Run it inside an application context."""

    def __init__(self, app: Flask) -> None:
        self.engine = db.engine
        self.installation = installation_id(self.engine)
        self.folder = journal_folder(app, self.installation)
        self.owner = f"{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(6)}"
        lease = float(app.config["LEASE_SECONDS"])
        margin = min(10.0, lease / 4)
        self.ledger = Ledger(self.engine, self.owner, lease, margin, signing.key("suppression"))
        self.press = Press(app, self.engine)
        self.lanes = Lanes(app, self._journal, self._may_go, self._done, self._trouble)
        self.pending: deque[Letter] = deque()
        self.results: list[Result] = []
        self.stopping = False
        self.hungry = False  # The last look at the ledger found more than this worker could take.
        self.troubled = True  # Some trouble may stand in the database.
        self.confused = False  # A turn failed half-way, so rows may be ours without our knowing.
        self.rate = 20.0 * len(self.lanes.all)
        self.begun = self.batch_ends = self.stop_by = 0.0
        self.next_poll = self.next_settle = self.next_check = 0.0

    def run(self, *, until_idle: bool = False) -> None:
        """Send until stopped, or until nothing is due, in flight or unsettled (future retries do not count)."""
        while True:
            self._housekeeping(boot_seconds())
            now = boot_seconds()  # Housekeeping may have waited for the database.
            self._hold_no_longer(now)
            if self._must_turn(now):
                self._turn(now)
            self._feed()
            self.lanes.wait(self._patience())
            if now >= self.next_check:  # What was here by then has been read.
                self.next_check = now + POLL_SECONDS
                self.lanes.check_time(now)
            if self.stopping and boot_seconds() > self.stop_by:
                self.lanes.give_up()
            if self._quiet() and (self.stopping or (until_idle and self._nothing_left())):
                break
        self.lanes.leave()

    def stop(self) -> None:
        """Send nothing more, finish what is on the wire, give the rest back, and return from run()."""
        if not self.stopping:
            self.stopping = True
            self.stop_by = boot_seconds() + STOP_SECONDS

    def _housekeeping(self, now: float) -> None:
        if now >= self.next_settle:
            self.next_settle = now + SETTLE_SECONDS
            self._guarded(lambda: recovery.settle(self.engine, self.folder, self.installation))
        if now >= self.next_poll:
            self.next_poll = now + POLL_SECONDS
            if not self.stopping and not self.pending and not self.hungry:
                self.hungry = bool(self._guarded(self.ledger.due))
                if self.hungry:  # Nothing rests by the database: somebody may have said to try now.
                    self.lanes.reopen_at = min(self.lanes.reopen_at, now + REOPEN_SECONDS)

    def _hold_no_longer(self, now: float) -> None:
        if self.pending and (self.stopping or now > self.batch_ends):
            self._give_back()

    def _give_back(self) -> None:
        self.results += [Result(letter, "unsent") for letter in self.pending]
        self.pending.clear()

    def _must_turn(self, now: float) -> bool:
        if self.pending:
            return False
        if self.results:
            return (self.hungry and not self.confused) or not self.lanes.busy() or now - self.begun > LINGER_SECONDS
        if self.confused:
            return not self.lanes.busy()
        return self.hungry and self.lanes.usable() and not self.stopping

    def _turn(self, now: float) -> None:
        recorded = [result for result in self.results if result.outcome != "unsent"]
        if self.results and now > self.begun:
            self.rate = (self.rate + len(recorded) / (now - self.begun)) / 2
        want = 0
        if self.hungry and not self.stopping and not self.confused and self.lanes.usable():
            want = max(len(self.lanes.all), min(MOST_LETTERS, int(self.rate * BATCH_SECONDS)))
        self.lanes.note_lease(now + self.ledger.lease_seconds)
        letters = self._guarded(lambda: self.ledger.turn(self.results, want))
        if letters is None:
            self.confused = True
            return
        self.results = []
        self._after_turn(recorded, letters, want)

    def _after_turn(self, recorded: list[Result], letters: list[Letter], want: int) -> None:
        failpoints.reach("recorded" if recorded else "taken")
        self.lanes.note_recorded()
        if self.troubled and any(result.outcome == "sent" for result in recorded):
            self._guarded(lambda: self._forget_trouble(recorded))
            self.troubled = False
        if self.confused and not self.lanes.busy():
            self.confused = self._guarded(self.ledger.give_back_all) is None
        self.begun = boot_seconds()
        self.batch_ends = self.begun + HOLD_SECONDS
        self.pending.extend(letters)
        self.hungry = len(letters) == want > 0

    def _feed(self) -> None:
        if self.pending:
            for lane in self.lanes.idle():
                self._send_on(lane)
        needed = len(self.pending) or int(self.hungry and not self.lanes.usable())
        if needed and not self.stopping and boot_seconds() >= self.lanes.reopen_at:
            self.lanes.open_more(needed)

    def _send_on(self, lane: Lane) -> None:
        while self.pending and lane.phase == "idle":
            letter = self.pending.popleft()
            try:
                printed = self.press.print(letter, lane.smtputf8)
            except Unprintable as error:
                self.results.append(Result(letter, "failed", None, str(error)))
                continue
            except DBAPIError as error:
                self.pending.appendleft(letter)
                self._give_back()
                return self._wait_for_database(error)
            lane.send(letter, printed.envelope, printed.content)

    def _journal(self, number: int) -> Journal:
        return Journal(self.folder, self.owner, number, self.installation)

    def _may_go(self, letter: Letter) -> bool:
        return self.ledger.is_fresh(letter) or bool(self._guarded(lambda: self.ledger.still_due(letter)))

    def _done(self, lane: Lane, result: Result) -> None:
        self.results.append(result)

    def _trouble(self, letter: Letter | None, code: int | None, reply: str, *, permanent: bool = False) -> None:
        log.warning("mail server trouble: %s %s", code or "", reply)
        self.troubled = True
        seconds = self._guarded(lambda: self._note_trouble(letter, code, reply, permanent))
        self.lanes.reopen_at = boot_seconds() + max(REOPEN_SECONDS, seconds or 0.0)
        if seconds:
            self.hungry = False
            self._give_back()

    def _note_trouble(self, letter: Letter | None, code: int | None, reply: str, permanent: bool) -> float:
        of_sender = letter is not None and code is not None and code >= 500
        name = self.press.plate(letter.message_id).sender_address if letter and of_sender else rests.SERVER
        return rests.trouble(self.engine, name, f"{code or ''} {reply}".strip(), permanent=permanent)

    def _forget_trouble(self, recorded: list[Result]) -> None:
        messages = {result.letter.message_id for result in recorded if result.outcome == "sent"}
        senders = {self.press.plate(message_id).sender_address for message_id in messages}
        rests.clear(self.engine, {rests.SERVER, *senders})

    def _patience(self) -> float:
        if self.lanes.opening:
            return 0.01
        if self.results or self.pending or self.lanes.busy():
            return LINGER_SECONDS
        return 0.0 if self.hungry and self.lanes.usable() else POLL_SECONDS / 5

    def _quiet(self) -> bool:
        opening = self.lanes.opening and not self.stopping
        return not (self.pending or self.results or self.lanes.busy() or opening or self.confused)

    def _nothing_left(self) -> bool:
        if self._guarded(lambda: recovery.settle(self.engine, self.folder, self.installation)) is None:
            return False
        return self._guarded(lambda: recovery.unsettled(self.engine)) is False

    def _guarded(self, step: Callable[[], T]) -> T | None:
        """Return what the step returns, or None where the database is away or busy: then it is tried again later."""
        try:
            return step()
        except DBAPIError as error:
            self._wait_for_database(error)
            return None

    def _wait_for_database(self, error: DBAPIError) -> None:
        log.warning("the database cannot be used now: %s", error.orig)
        time.sleep(DATABASE_PAUSE)


def installation_id(engine: Engine) -> str:
    """Return the id that the first migration gave this installation."""
    with reading(), Session(engine) as session:
        return session.scalars(select(Installation.id)).one().hex


def journal_folder(app: Flask, installation: str) -> Path:
    """Return where this installation's workers on this host keep their journals and locks."""
    return Path(app.config["INSTANCE_PATH"]) / installation
