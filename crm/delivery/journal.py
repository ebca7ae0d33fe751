"""The journal of one SMTP connection: what was on the wire when its worker died.

A line goes out before a message's content and after its outcome, each with one O_APPEND write. The worker holds a
lock on the file as long as it lives; the first line names the installation and the boot of the kernel, because
what was written but not yet on disk is lost with the power, not with the process.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROTATE_BYTES = 200_000  # Whoever settles a journal holds its lines in memory.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

Key = tuple[int, int]  # The delivery's id, and the epoch of the claim.


def boot_seconds() -> float:
    """Return seconds since the kernel started; goes on while the machine sleeps, and no one can set it."""
    return time.clock_gettime(CLOCK)


def boot_id() -> str:
    """Return the id of this run of the kernel; where there is none, one that never matches."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"


class JournalError(Exception):
    """The journal takes no line, as on a full disk. No OSError, for the connection is not to blame: the worker ends."""


class Journal:
    """The journal that a worker writes. What writes a line raises JournalError."""

    def __init__(self, folder: Path, owner: str, number: int, installation: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{owner}.{number}.journal"
        draft = self.path.with_suffix(".draft")
        self._file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._head = f"{installation} {boot_id()}\n".encode("ascii")
        self._size = 0
        self._write(self._head)
        draft.rename(self.path)  # Only now can others see it, and it is locked.
        self._lease = b""

    def lease(self, until: float) -> None:
        """Note until when (boot seconds) this worker may send what it holds now."""
        self._lease = b"= %.3f\n" % until
        self._write(self._lease)

    def before(self, delivery_id: int, epoch: int) -> None:
        """Note that the content of a delivery is about to leave."""
        self._write(b"> %d %d\n" % (delivery_id, epoch))

    def after(self, delivery_id: int, epoch: int, outcome: str, code: int | None, reply: str) -> None:
        """Note what became of it."""
        line = f"< {delivery_id} {epoch} {outcome} {code or 0} {reply}".replace("\n", " ")
        self._write(line.encode("utf-8", "replace") + b"\n")

    def recorded(self) -> None:
        """Forget lines whose outcomes are in the database, once they take room. Nothing may be on the wire."""
        if self._size > ROTATE_BYTES:
            os.ftruncate(self._file, len(self._head))
            self._size = len(self._head)
            self._write(self._lease)  # It still holds what was taken under it.

    def close(self, delete: bool) -> None:
        """Let go of the lock; delete the file where every outcome is in the database."""
        if delete:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise JournalError(f"{self.path} cannot be written: {error}") from error
        if written != len(line):  # The rest found no room. A line behind it would be read as part of it.
            raise JournalError(f"{self.path} cannot be written: the disk is full")
        self._size += written


@dataclass
class Found:
    """What a journal tells about a worker's deliveries; written: when the last line was, in seconds since 1970."""

    owner: str
    path: Path
    alive: bool
    written: float
    installation: str = ""
    boot: str = ""
    lease_until: float = 0.0
    begun: set[Key] = field(default_factory=set)
    outcomes: dict[Key, tuple[str, int | None, str]] = field(default_factory=dict)


def found_in(folder: Path, needs_lines: Callable[[str, bool], bool] = lambda _owner, _alive: True) -> Iterator[Found]:
    """Return all journals of a folder, and whether their workers still hold them.

    needs_lines: told the owner and whether it lives, says whether more than the first line is read.
    """
    for path in sorted(folder.glob("*.journal")):
        try:
            with path.open("rb") as file:
                alive = _is_locked(file.fileno())
                owner = path.name.rsplit(".", 2)[0]
                octets = file.read() if needs_lines(owner, alive) else file.readline()
                yield read(Found(owner, path, alive, os.fstat(file.fileno()).st_mtime), octets)
        except FileNotFoundError:
            continue  # Another worker settled it in the meantime.


def clear_drafts(folder: Path, before: float) -> None:
    """Delete the beginnings of journals whose workers died over them, if older than that (seconds since 1970)."""
    for path in folder.glob("*.draft"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def read(found: Found, octets: bytes) -> Found:
    """Fill in what the lines tell. An unfinished last line still proves that its delivery was begun."""
    torn = not octets.endswith(b"\n")
    lines = octets.decode("utf-8", "replace").split("\n")
    found.installation, _, found.boot = lines[0].partition(" ")
    for number, line in enumerate(lines[1:], start=2):
        words = line.split(" ", 5)
        whole = number < len(lines) or not torn
        if words[0] == "=" and len(words) == 2 and whole:
            found.lease_until = float(words[1])
        elif words[0] in ("<", ">") and len(words) >= 3 and words[1].isdigit() and words[2].isdigit():
            key = int(words[1]), int(words[2])
            found.begun.add(key)
            if words[0] == "<" and len(words) == 6 and whole:
                found.outcomes[key] = words[3], int(words[4]) or None, words[5]
    return found


def _is_locked(file: int) -> bool:
    # The lock is let go again when the file is closed; nobody sends under a lock that a reader holds.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
