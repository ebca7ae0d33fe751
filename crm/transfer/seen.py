"""Which addresses a file has named so far, on disk, so that a million of them take no memory."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from crm.transfer.rows import Row


class Seen:
    """The first row of each address of one file; telling it a row again changes nothing."""

    def __init__(self, path: Path, *, anew: bool) -> None:
        if anew:
            path.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        # It can be made again from the file, so that only a kill, not a power cut, has to leave it whole.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("CREATE TABLE IF NOT EXISTS seen (address INTEGER PRIMARY KEY, number INTEGER)")

    def __enter__(self) -> "Seen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def doubled(self, batch: Sequence[Row]) -> set[int]:
        """Note the rows, and return the numbers of those whose address stood in an earlier row."""
        keys = {row.number: _digest(row.email) for row in batch}
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", [(key, number) for number, key in keys.items()]
        )
        found = {
            number
            for number, key in keys.items()
            if self._connection.execute("SELECT number FROM seen WHERE address = ?", (key,)).fetchone()[0] < number
        }
        self._connection.execute("COMMIT")
        return found


def _digest(address: str) -> int:
    return int.from_bytes(hashlib.blake2b(address.encode(), digest_size=8).digest(), signed=True)
