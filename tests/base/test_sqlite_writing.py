"""What was committed on SQLite is on the disk, and many wait for the disk at once."""

import threading
import time

import pytest
from sqlalchemy import create_engine, text

from crm.base import database, sqlite_writing


class BusyDisk:
    """A disk that is busy with the first commit until `answer` is called; `seen` holds the rows at each call."""

    def __init__(self, engine, monkeypatch, error=None):
        self.seen, self.error, self.failed, self._engine = [], error, [], engine
        self._busy, self._free, self._threads = threading.Event(), threading.Event(), []
        monkeypatch.setattr(sqlite_writing, "_sync", self._sync)

    def let_commit(self, number):
        """Let so many commit at once, and return when the database has what all of them wrote."""
        self._threads = [threading.Thread(target=self._write) for _ in range(number)]
        self._threads[0].start()
        assert self._busy.wait(10)
        for thread in self._threads[1:]:
            thread.start()
        until = time.monotonic() + 10
        while count(self._engine) < number and time.monotonic() < until:
            time.sleep(0.005)

    @property
    def returned(self):
        """How many of them were told that it is done."""
        return sum(not thread.is_alive() for thread in self._threads)

    def answer(self):
        """Let the disk go on, and wait for all."""
        self._free.set()
        for thread in self._threads:
            thread.join(10)

    def _sync(self, number):
        if not self.error:  # Whose commit has failed waits for the disk also where it reads next.
            self.seen.append(count(self._engine))
        self._busy.set()
        assert self._free.wait(10)
        if self.error:
            raise OSError(self.error)

    def _write(self):
        try:
            with self._engine.begin() as connection:
                connection.execute(text("INSERT INTO tally VALUES (1)"))
        except OSError as error:
            self.failed.append(str(error))


@pytest.fixture
def lasting(tmp_path):
    """An engine that waits for the disk, with an empty table."""
    engine = create_engine(f"sqlite:///{tmp_path / 'lasting.sqlite3'}")
    database.prepare_sqlite(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tally (n INTEGER)"))
    yield engine
    engine.dispose()


def test_a_commit_returns_once_the_disk_has_it(lasting, monkeypatch):
    waits = []
    monkeypatch.setattr(sqlite_writing, "_sync", lambda number: waits.append(count(lasting)))
    with lasting.begin() as connection:
        connection.execute(text("INSERT INTO tally VALUES (1)"))
        assert waits == []
    assert waits == [1]  # Others see it by then, and may write.


def test_who_only_reads_waits_for_no_disk(lasting, monkeypatch):
    monkeypatch.setattr(sqlite_writing, "_sync", lambda number: pytest.fail("there is nothing to wait for"))
    assert count(lasting) == 0


def test_what_is_written_after_a_read_waits_for_the_disk_too(lasting, monkeypatch):
    waits = []
    monkeypatch.setattr(sqlite_writing, "_sync", waits.append)
    with database.reading(), lasting.begin() as connection:
        connection.execute(text("INSERT INTO tally VALUES (1)"))
    assert len(waits) == 1


def test_all_who_commit_while_the_disk_is_busy_wait_for_it_once(lasting, monkeypatch):
    disk = BusyDisk(lasting, monkeypatch)
    disk.let_commit(5)
    assert disk.returned == 0  # Though all have committed.
    disk.answer()
    assert (disk.seen, disk.failed) == ([1, 5], [])


def test_who_writes_to_one_database_holds_up_nobody_at_another(lasting, tmp_path):
    other = create_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    database.prepare_sqlite(other)
    began = time.monotonic()
    with lasting.begin(), other.begin() as connection:
        connection.execute(text("CREATE TABLE tally (n INTEGER)"))
    assert time.monotonic() - began < sqlite_writing.BUSY_SECONDS / 2
    other.dispose()


def test_a_disk_that_fails_is_told_to_whoever_commits(lasting, monkeypatch):
    def fail(number: int) -> None:
        raise OSError("no disk any more")

    monkeypatch.setattr(sqlite_writing, "_sync", fail)
    with pytest.raises(OSError, match="no disk any more"), lasting.begin() as connection:
        connection.execute(text("INSERT INTO tally VALUES (1)"))
    monkeypatch.undo()
    with lasting.begin() as connection:  # It is the next one's turn all the same.
        connection.execute(text("INSERT INTO tally VALUES (2)"))


def test_nobody_takes_the_failure_of_another_for_a_commit(lasting, monkeypatch):
    disk = BusyDisk(lasting, monkeypatch, "no disk any more")
    disk.let_commit(4)
    disk.answer()
    assert disk.failed == ["no disk any more"] * 4


def count(engine) -> int:
    with database.reading(), engine.begin() as reader:
        return reader.execute(text("SELECT count(*) FROM tally")).scalar_one()
