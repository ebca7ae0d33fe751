"""The file of a backup: a ZIP with a manifest, and at its end a seal over every byte before it.

It is written and read as a stream, whatever its size. Nothing is ever unpacked by the names that stand in it.
"""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crm.site.backup.manifest import Faulty, Manifest, Member, check_name, of_json

MANIFEST = "manifest.json"
BLOCK = 1 << 20  # bytes
MOST_MANIFEST = 16 << 20  # bytes
SEAL = 64  # bytes: SHA-256 in hexadecimal digits, as the comment with which a ZIP file ends.
QUICK = 1  # The level of packing: sending needs the processor too.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError, RuntimeError)


class Sink:
    """Takes the bytes of one member, packs them in large blocks, and knows their number and digest."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self.size = 0

    def write(self, octets: bytes | memoryview) -> None:
        self._waiting += octets
        if len(self._waiting) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        self._digest.update(self._waiting)
        self._target.write(self._waiting)
        self.size += len(self._waiting)
        self._waiting.clear()

    def copy(self, source: IO[bytes]) -> None:
        """Write all that is in a file."""
        while block := source.read(BLOCK):
            self.write(block)

    @property
    def member(self) -> Member:
        return Member(self.size, self._digest.hexdigest())


class Writer:
    """Writes a new file, readable by its owner alone; raises FileExistsError."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICK)
        self.members: dict[str, Member] = {}

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """Write one member."""
        check_name(name)
        with self._zip.open(name, "w", force_zip64=True) as target:
            sink = Sink(target)
            yield sink
            sink.flush()
        self.members[name] = sink.member

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, seal the file, and see it onto the disk."""
        self._zip.writestr(MANIFEST, manifest.to_json())
        self._zip.comment = b"0" * SEAL
        self._zip.close()
        self._file.flush()
        digest = _digest_before_seal(self._file)
        self._file.seek(-SEAL, os.SEEK_END)
        self._file.write(digest)
        self._file.flush()
        os.fsync(self._file.fileno())


class Reader:
    """A backup whose seal is whole, and whose members are just those that its manifest names."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._zip = file
        self.manifest = of_json(self._manifest())
        names = [info.filename for info in file.infolist()]
        for name in names:
            if name != MANIFEST:
                check_name(name)
        if sorted(names) != sorted([MANIFEST, *self.manifest.members]):
            raise Faulty("It does not hold what its manifest names.")

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a member; raises Faulty, at the latest at its end, where it is not what was written."""
        wanted = self.manifest.members.get(name)
        if wanted is None:
            raise Faulty(f"{name} is missing.")
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while size <= wanted.size and (block := member.read(BLOCK)):
                    digest.update(block)
                    size += len(block)
                    yield block
        except BROKEN as error:
            raise Faulty(f"{name} cannot be read: {error}") from error
        if Member(size, digest.hexdigest()) != wanted:
            raise Faulty(f"{name} is not what the manifest says of it.")

    def _manifest(self) -> bytes:
        with self._zip.open(MANIFEST) as member:
            return member.read(MOST_MANIFEST)


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open a backup; raises Faulty where a byte of it was changed or is missing, OSError where it cannot be opened."""
    with path.open("rb") as file:
        try:
            _check_seal(file)
            reader = Reader(zipfile.ZipFile(file))
        except BROKEN as error:
            raise Faulty(f"It cannot be read: {error}") from error
        yield reader


def _check_seal(file: IO[bytes]) -> None:
    if file.seek(0, os.SEEK_END) <= SEAL:
        raise Faulty("It is no backup: it is too short.")
    digest = _digest_before_seal(file)
    if file.read(SEAL) != digest:
        raise Faulty("It was changed or cut off after it was made: its seal does not fit.")


def _digest_before_seal(file: IO[bytes]) -> bytes:
    left = file.seek(0, os.SEEK_END) - SEAL
    file.seek(0)
    digest = hashlib.sha256()
    while left and (block := file.read(min(left, BLOCK))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode("ascii")
