"""Deliveries whose worker died, hung or lost its host."""

import os
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm.base import clock
from crm.delivery import journal, outbox, recovery
from crm.delivery.journal import Journal
from crm.delivery.ledger import Ledger
from crm.delivery.letter import Letter, Result
from crm.delivery.models import Delivery
from crm.delivery.sender import installation_id, journal_folder
from crm.extensions import db
from tests.delivery.test_outbox import make_message


class Worker:
    """A worker as the database and the journals know it, without a process."""

    def __init__(self, app, owner: str = "worker-1") -> None:
        self.installation = installation_id(db.engine)
        self.folder = journal_folder(app, self.installation)
        self.journal = Journal(self.folder, owner, 0, self.installation)
        self.ledger = Ledger(db.engine, owner, 120, 10, b"key")

    def take(self, want: int = 10) -> list[Letter]:
        db.session.commit()
        self.journal.lease(journal.boot_seconds() + 120)
        return sorted(self.ledger.turn([], want), key=lambda letter: letter.id)

    def die(self) -> None:
        self.journal.close(delete=False)

    def settle(self) -> int:
        db.session.commit()
        return recovery.settle(db.engine, self.folder, self.installation)


@pytest.fixture
def worker(app) -> Iterator[Worker]:
    message = make_message(on_uncertain="hold")
    for name in "abcd":
        outbox.queue(message, f"{name}@mail.example")
    yield Worker(app)


def states() -> list[str]:
    found = list(db.session.scalars(select(Delivery.state).order_by(Delivery.id)))
    db.session.commit()
    return found


def lease_is_over() -> None:
    db.session.execute(update(Delivery).values(lease_until=clock.now() - timedelta(hours=1)))
    db.session.commit()


def half_sent(worker: Worker) -> list[Letter]:
    """The first was accepted, the second refused, the third on the wire, the fourth not begun."""
    letters = worker.take()
    a, b, c, _ = letters
    worker.journal.before(a.id, a.epoch)
    worker.journal.after(a.id, a.epoch, "sent", 250, "2.0.0 queued as 4711")
    worker.journal.after(b.id, b.epoch, "failed", 550, "5.1.1 no such user")
    worker.journal.before(c.id, c.epoch)
    return letters


def test_a_dead_worker_is_settled_by_its_journal_at_once(worker):
    half_sent(worker)
    worker.die()
    assert worker.settle() == 4
    assert states() == ["sent", "failed", "uncertain", "queued"]
    assert db.session.scalars(select(Delivery.smtp_reply).order_by(Delivery.id)).first() == "2.0.0 queued as 4711"


def test_the_journal_of_a_dead_worker_is_kept_until_no_commit_of_its_can_show_up_any_more(worker):
    """As where a server ends the commit of a claim after its worker was killed."""
    letters = half_sent(worker)
    db.session.execute(update(Delivery).values(state="queued"))  # What others see before that commit.
    worker.die()
    assert worker.settle() == 0
    db.session.execute(update(Delivery).values(state="in_flight"))
    assert worker.settle() == len(letters)
    assert states() == ["sent", "failed", "uncertain", "queued"]
    draft = worker.journal.path.with_suffix(".draft")
    draft.touch()
    for path in (worker.journal.path, draft):
        assert path.exists()
        os.utime(path, (0, time.time() - recovery.KEPT_SECONDS - 1))
    worker.settle()
    assert not list(worker.folder.iterdir())


def test_a_worker_that_lives_is_left_alone_while_its_lease_runs(worker):
    half_sent(worker)
    lease_is_over()  # By a clock that somebody set; the clock that counts goes on.
    assert worker.settle() == 0
    assert set(states()) == {"in_flight"}


def test_a_worker_that_hangs_is_settled_when_its_lease_is_over_by_both_clocks(worker, monkeypatch):
    letters = half_sent(worker)
    lease_is_over()
    now = journal.boot_seconds()
    monkeypatch.setattr(journal, "boot_seconds", lambda: now + 121)
    assert worker.settle() == 4
    assert states() == ["sent", "failed", "uncertain", "queued"]
    assert worker.journal.path.exists()
    worker.ledger.turn([Result(letters[2], "sent", 250, "late")], 0)
    assert states()[2] == "sent"


def test_a_journal_of_another_boot_proves_only_what_it_says(worker, monkeypatch):
    half_sent(worker)
    worker.die()
    monkeypatch.setattr(journal, "boot_id", lambda: "another-boot")
    assert worker.settle() == 0
    lease_is_over()
    assert worker.settle() == 4
    assert states() == ["sent", "failed", "uncertain", "uncertain"]


def test_a_journal_that_is_gone_with_its_host_leaves_the_batch_uncertain_when_the_lease_is_over(worker):
    half_sent(worker)
    worker.die()
    worker.journal.path.unlink()
    assert worker.settle() == 0
    lease_is_over()
    assert worker.settle() == 4
    assert set(states()) == {"uncertain"}


def test_a_journal_of_another_installation_is_neither_read_nor_deleted(worker):
    half_sent(worker)
    worker.die()
    path = worker.journal.path
    path.write_text(path.read_text().replace(worker.installation, "f" * 32))
    assert worker.settle() == 0
    assert path.exists()


def test_a_line_that_was_cut_off_still_counts_as_begun(worker):
    letters = worker.take()
    worker.die()
    with worker.journal.path.open("a") as file:
        file.write(f"> {letters[0].id} {letters[0].epoch}")
    worker.settle()
    assert states() == ["uncertain", "queued", "queued", "queued"]


def test_a_late_250_turns_uncertain_into_sent(worker):
    letters = half_sent(worker)
    worker.die()
    worker.settle()
    worker.ledger.turn([Result(letters[2], "sent", 250, "late")], 0)
    assert states()[2] == "sent"


def test_a_late_result_changes_nothing_once_another_worker_holds_the_row(app, worker):
    letters = half_sent(worker)
    worker.die()
    worker.settle()
    other = Worker(app, "worker-2")
    assert [letter.id for letter in other.take()] == [letters[3].id]
    worker.ledger.turn([Result(letters[3], "sent", 250, "late"), Result(letters[3], "failed", 550, "late")], 0)
    assert states()[3] == "in_flight"


def test_two_workers_never_take_the_same_row(app, worker):
    other = Worker(app, "worker-2")
    first, second = worker.take(3), other.take(3)
    assert len(first) == 3
    assert len(second) == 1
    assert not {letter.id for letter in first} & {letter.id for letter in second}


def test_an_old_line_of_the_same_row_is_not_mistaken_for_the_present_claim(worker):
    letters = worker.take()
    worker.journal.before(letters[0].id, letters[0].epoch)
    worker.ledger.turn([Result(letter, "unsent") for letter in letters], 0)
    again = worker.take(1)
    assert again[0].epoch == letters[0].epoch + 1
    worker.die()
    worker.settle()
    assert set(states()) == {"queued"}


def test_a_long_journal_forgets_what_the_database_knows(worker):
    for _ in range(3000):
        worker.journal.after(1, 1, "sent", 250, "x" * 400)
    worker.journal.recorded()
    assert worker.journal.path.stat().st_size < 200
    worker.journal.before(2, 2)
    found = next(journal.found_in(worker.folder))
    assert found.alive
    assert found.installation == worker.installation
    assert found.begun == {(2, 2)}


def test_looking_for_what_is_left_behind_takes_no_memory_for_the_long_journals_of_workers_that_live(worker):
    letters = half_sent(worker)
    for number in range(20_000):
        worker.journal.after(letters[0].id + 1000 + number, 1, "sent", 250, "2.0.0 queued")
    tracemalloc.start()
    assert worker.settle() == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < worker.journal.path.stat().st_size
    assert set(states()) == {"in_flight"}
    worker.die()
    assert worker.settle() == 4
    assert states() == ["sent", "failed", "uncertain", "queued"]


def test_a_worker_whose_long_journal_forgot_lines_is_still_left_alone_while_its_lease_runs(worker):
    worker.take()
    before = next(journal.found_in(worker.folder)).lease_until
    for _ in range(3000):
        worker.journal.after(99, 1, "sent", 250, "x" * 400)
    worker.journal.recorded()
    assert next(journal.found_in(worker.folder)).lease_until == before > journal.boot_seconds()
    lease_is_over()  # By a clock that somebody set.
    assert worker.settle() == 0
    assert set(states()) == {"in_flight"}
