"""Where evidence files lie: in the instance folder, under names that nobody can guess."""

import secrets
from collections.abc import Collection
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from flask import current_app

from crm.base import clock, folders

FOLDER = "evidence"
BLOCK = 65_536
DRAFT = ".part"
HOUR = 3600  # seconds


class TooLarge(ValueError):
    """The file is larger than may be uploaded; the message says so."""


def path_of(token: str) -> Path:
    """Return where the file of that token lies."""
    return folders.private(FOLDER) / token


def store(stream: IO[bytes]) -> tuple[str, int]:
    """Copy a stream into a new file block by block, and return its token and size in bytes; raises TooLarge."""
    token, most, size = secrets.token_hex(24), current_app.config["MAX_UPLOAD_MB"], 0
    draft = path_of(token + DRAFT)
    try:
        with draft.open("xb") as file:
            while block := stream.read(BLOCK):
                size += len(block)
                if size > most << 20:
                    raise TooLarge(f"The file is larger than {most} MB. Make it smaller, or give a link to it instead.")
                file.write(block)
        draft.rename(path_of(token))
    finally:
        draft.unlink(missing_ok=True)
    return token, size


def remove(token: str) -> None:
    """Delete the file of that token."""
    path_of(token).unlink(missing_ok=True)


def files() -> list[Path]:
    """Return all files, for backups."""
    return sorted(path for path in folders.private(FOLDER).iterdir() if path.suffix != DRAFT)


def sweep(kept: Collection[str]) -> int:
    """Delete what is named by none of these tokens and an hour old: its ask is gone. Returns how many."""
    before = clock.now().timestamp() - HOUR
    folder = folders.private(FOLDER)
    strays = [path for path in folder.iterdir() if path.name not in kept and path.stat().st_mtime < before]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def shown_name(filename: str, endings: tuple[str, ...]) -> str:
    """Return the last part of a file's name, with an ending of its kind; it never becomes a path of ours."""
    name = PurePosixPath(PureWindowsPath(filename).as_posix()).name
    plain = "".join(letter for letter in name if letter.isprintable()).strip()[-150:] or "evidence"
    return plain if plain.lower().endswith(endings) else plain + endings[0]
