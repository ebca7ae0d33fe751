"""Files that are uploaded: kept in a folder of the instance, under names that nobody can guess."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from flask import Response, abort, current_app, send_file

from crm.base import clock, folders

BLOCK = 65_536
DRAFT = ".part"
HOUR, YEAR = 3600, 365 * 86400  # seconds


class TooLarge(ValueError):
    """The file is larger than may be uploaded; the message says so."""


@dataclass(frozen=True)
class Stored:
    """A file that was stored: its token, its size in bytes, and its SHA-256 in hexadecimal digits."""

    token: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Shelf:
    """The files of one subject, in the folder of that name."""

    folder: str

    def path_of(self, name: str) -> Path:
        """Return where the file of that token or name lies."""
        return folders.private(self.folder) / name

    def store(self, stream: IO[bytes]) -> Stored:
        """Copy a stream into a new file, block by block. Raises TooLarge."""
        token, most, size, digest = secrets.token_hex(24), most_megabytes() << 20, 0, hashlib.sha256()
        draft = self.path_of(token + DRAFT)
        try:
            with draft.open("xb") as file:
                while block := stream.read(BLOCK):
                    size += len(block)
                    if size > most:
                        raise TooLarge(too_large())
                    digest.update(block)
                    file.write(block)
            draft.rename(self.path_of(token))
        finally:
            draft.unlink(missing_ok=True)
        return Stored(token, size, digest.hexdigest())

    def keep(self, name: str, content: bytes) -> None:
        """Keep these bytes under that name."""
        draft = self.path_of(name + DRAFT)
        draft.write_bytes(content)
        draft.rename(self.path_of(name))

    def remove(self, name: str) -> None:
        """Delete the file of that token or name."""
        self.path_of(name).unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """Return all files, for backups."""
        return sorted(path for path in folders.private(self.folder).iterdir() if path.suffix != DRAFT)

    def sweep(self, kept: Collection[str]) -> int:
        """Delete what is named by none of these and an hour old: what it belonged to is gone. Returns how many."""
        before = clock.now().timestamp() - HOUR
        strays = [path for path in folders.private(self.folder).iterdir() if path.name not in kept]
        old = [path for path in strays if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def send_for_good(path: Path, mimetype: str) -> Response:
    """Send a picture that never changes under its address, never to be shown as a page of ours; 404 without a file."""
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype, max_age=YEAR)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.public, answer.cache_control.immutable = True, True
    return answer


def most_megabytes() -> int:
    """Return how large a file may be."""
    return int(current_app.config["MAX_UPLOAD_MB"])


def too_large() -> str:
    """Return in words that a file is too large, and what to do."""
    return f"The file is larger than {most_megabytes()} MB. Make it smaller, or give a link to it instead."


def shown_name(filename: str, endings: tuple[str, ...], otherwise: str) -> str:
    """Return the last part of a file's name, with an ending of its kind; it never becomes a path of ours."""
    name = PurePosixPath(PureWindowsPath(filename).as_posix()).name
    plain = "".join(letter for letter in name if letter.isprintable()).strip()[-150:] or otherwise
    return plain if plain.lower().endswith(endings) else plain + endings[0]
