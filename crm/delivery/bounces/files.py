"""Mails that lie in files: a maildir, an mbox, a folder of .eml, one .eml, standard input."""

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from crm.delivery.bounces.mails import Mail, whole

CHUNK = 65536
MAILDIR = ("new", "cur")


def mails(path: Path) -> Iterator[Mail]:
    """Yield the mails at a path ("-": standard input), one after the other.

    Raises OSError where something cannot be read.
    """
    if str(path) == "-":
        yield from mails_in(sys.stdin.buffer, "-")
        return
    if not path.is_dir():
        with path.open("rb") as file:
            yield from [_one(file, path)] if path.suffix.lower() == ".eml" else mails_in(file, str(path))
        return
    for found in _files(path):
        with found.open("rb") as file:
            yield _one(file, found)


def mails_in(file: BinaryIO, name: str) -> Iterator[Mail]:
    """Yield the one mail of a file, or those of an mbox, which begins with `From `."""
    first = file.readline(CHUNK)
    if not first.startswith(b"From "):
        yield whole(name, chain([first], iter(lambda: file.read(CHUNK), b"")))
        return
    lines = Lines(file)
    number = 0
    while lines.more:
        number += 1
        yield whole(f"{name}#{number}", lines.until_next())


class Lines:
    """The lines of an mbox behind its first separator, handed out mail by mail; none is held longer than that."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.more = True

    def until_next(self) -> Iterator[bytes]:
        blank = False
        while line := self.file.readline(CHUNK):
            if blank and line.startswith(b"From "):
                return
            yield line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line
            blank = line in (b"\n", b"\r\n")
        self.more = False


def _one(file: BinaryIO, path: Path) -> Mail:
    return whole(str(path), iter(lambda: file.read(CHUNK), b""))


def _files(folder: Path) -> list[Path]:
    if (folder / "cur").is_dir() or (folder / "new").is_dir():
        return [path for name in MAILDIR for path in sorted((folder / name).glob("*")) if path.is_file()]
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".eml" and path.is_file())
