"""Where files and covers lie: in the instance folder, under names that nobody can guess."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

from crm.base import clock, folders
from crm.base.changes import Refused

FOLDER = "resources"
BLOCK = 65_536
DRAFT = ".part"
HOUR = 3600  # seconds


@dataclass(frozen=True)
class Stored:
    """A file that was stored: its token, its size in bytes, and its SHA-256 in hexadecimal digits."""

    token: str
    size: int
    sha256: str


def path_of(token: str) -> Path:
    """Return where the file of that token lies, or that of a cover by its name."""
    return folders.private(FOLDER) / token


def store(stream: IO[bytes]) -> Stored:
    """Copy a stream into a new file, block by block; raises Refused for one that is too large or empty."""
    token, most, size, digest = secrets.token_hex(24), most_megabytes(), 0, hashlib.sha256()
    draft = path_of(token + DRAFT)
    try:
        with draft.open("xb") as file:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > most << 20:
                    raise Refused(too_large(), "file")
                digest.update(block)
                file.write(block)
        if not size:
            raise Refused("The file is empty. Choose another.", "file")
        draft.rename(path_of(token))
    finally:
        draft.unlink(missing_ok=True)
    return Stored(token, size, digest.hexdigest())


def keep(name: str, content: bytes) -> None:
    """Keep the bytes of a cover under that name."""
    draft = path_of(name + DRAFT)
    draft.write_bytes(content)
    draft.rename(path_of(name))


def remove(name: str) -> None:
    """Delete the file of that name or token."""
    path_of(name).unlink(missing_ok=True)


def files() -> list[Path]:
    """Return all files, for backups."""
    return sorted(path for path in folders.private(FOLDER).iterdir() if path.suffix != DRAFT)


def sweep(kept: Collection[str]) -> int:
    """Delete what is named by none of these and an hour old: its resource is gone. Returns how many."""
    before = clock.now().timestamp() - HOUR
    strays = [path for path in folders.private(FOLDER).iterdir() if path.name not in kept]
    old = [path for path in strays if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def most_megabytes() -> int:
    """Return how large a file may be."""
    return int(current_app.config["MAX_UPLOAD_MB"])


def too_large() -> str:
    """Return in words that a file is too large, and what to do."""
    return f"The file is larger than {most_megabytes()} MB. Make it smaller, or give a link to it instead."
