"""SQLite's one write lock: who gets it when, and how what was written with it outlives a power cut."""

import os
import sqlite3
import threading
import time
from functools import cache

BUSY_SECONDS = 15
TRY_SECONDS = 0.001
CACHE_KIBIBYTES = 8_192  # At most, a connection. With SQLite's own 2,000 the indexes of a million copies thrash.

_sync = getattr(os, "fdatasync", os.fsync)  # Not every system has the first.


class Writer(sqlite3.Connection):
    """A connection whose writing transactions stand in line, and share what they wait for the disk.

    SQLite's own busy handler sleeps up to 100 ms between two tries, so that under load the lock lies free while
    all who want it sleep (measured: 4 threads got 34 sign-ups a second through). Here one connection of a process
    tries every millisecond, and the others sleep until it has committed.

    With synchronous = FULL the lock is held until the disk has the log. Here it is given back before, and the commit
    returns once the disk has it: one call for all who have committed by then. What others do with what they read before
    that is safe, for the log is one file: their commits, too, return when all that stands before them is on the disk.
    """

    file: "File"
    waits_for_disk = False
    _has_turn = False
    _changed = 0

    def prepare(self) -> None:
        """Set the pragmas; to be called once, before all else."""
        self.isolation_level = None
        self.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        (mode,) = self.execute("PRAGMA journal_mode = WAL").fetchone()
        self.execute("PRAGMA foreign_keys = ON")
        self.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        if has_reset_fault(sqlite3.sqlite_version_info):
            self.execute("PRAGMA wal_autocheckpoint = 0")  # So the ticker's connection is the only one that does.
        self.waits_for_disk = mode == "wal"  # Else SQLite does, before it gives the lock back.
        self.execute(f"PRAGMA synchronous = {'NORMAL' if self.waits_for_disk else 'FULL'}")
        _, _, path = self.execute("PRAGMA database_list").fetchone()
        self.file = file_of(path)

    def begin(self) -> bool:
        """Begin to write in the first millisecond in which the lock is free; False where there was none.

        Who could not begin keeps the turn, to try in SQLite's own way, until the transaction is rolled back.
        """
        self._has_turn = self.file.turn.acquire(timeout=BUSY_SECONDS)
        self.execute("PRAGMA busy_timeout = 0")
        try:
            until = time.monotonic() + BUSY_SECONDS
            while time.monotonic() < until:
                try:
                    self.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        raise
                    time.sleep(TRY_SECONDS)
                else:
                    return True
            return False
        finally:
            self.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def commit(self) -> None:
        """End the transaction, and return when the disk has what it wrote."""
        wrote = self._has_turn or self.total_changes != self._changed
        try:
            super().commit()
        finally:
            self._end_turn()
        if wrote and self.waits_for_disk:
            self.file.sync()
        self._changed = self.total_changes

    def rollback(self) -> None:
        """End the transaction without a trace."""
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        """Close the connection; what was not committed is gone."""
        try:
            super().close()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self.file.turn.release()


class File:
    """A database file: whose turn it is to write, and its write-ahead log, which may be opened and closed at any time.

    `turn` is held by the one connection of this process that tries for the write lock, or has it.
    """

    def __init__(self, path: str) -> None:
        self.turn = threading.Lock()
        self._log = f"{path}-wal"
        self._syncing = threading.Lock()
        self._begun = 0  # The last call that brought the log to the disk, or tries to.
        self._done = 0  # The last one that did.

    def sync(self) -> None:
        """Return when all that stands in the log by now is on the disk; raises OSError where the disk fails."""
        needed = self._begun + 1  # One that goes on by now may have begun before the last commit.
        with self._syncing:
            if self._done >= needed:
                return  # Somebody who stood before in the line brought ours along.
            self._begun += 1
            number = os.open(self._log, os.O_RDONLY)
            try:
                _sync(number)
            finally:
                os.close(number)
            self._done = self._begun


@cache
def file_of(path: str) -> File:
    """Return the database file at that path, the same one for all connections of this process."""
    return File(path)


def has_reset_fault(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite can lose commits when two connections checkpoint (sqlite.org/wal.html#walresetbug)."""
    mended = version >= (3, 51, 3) or (version[:2] == (3, 50) and version >= (3, 50, 7))
    return not mended and not (version[:2] == (3, 44) and version >= (3, 44, 6))
