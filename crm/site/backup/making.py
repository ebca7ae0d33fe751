"""Making a backup while the program runs, and letting go of the oldest."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from crm.base import audit, clock, registries
from crm.base.database import reading
from crm.extensions import db
from crm.site.backup import verifying
from crm.site.backup.archive import Writer
from crm.site.backup.manifest import Contents, Manifest

DAY = 86_400  # seconds
STAMP = "%Y%m%dT%H%M%SZ"
AUDITED = "backup"


class NoTables(Exception):
    """There is nothing to copy yet."""


@dataclass(frozen=True)
class Made:
    """A backup that was made and found whole: its file, its size in bytes, its rows, and what was deleted for it."""

    file: Path
    size: int
    rows: int
    made_at: datetime
    seconds: float
    deleted: Sequence[Path] = ()


def create(folder: Path, keep: int | None = None) -> Made:
    """Write a backup into a folder, verify it, note it in the audit trail and commit; return what was made.

    With `keep`, the oldest of this installation's backups in the folder beyond that number are then deleted.
    Raises NoTables, Faulty where what was written cannot be read back, OSError.
    """
    started = time.monotonic()
    made_at = clock.now()
    with reading():
        if not inspect(db.engine).has_table("installation"):
            raise NoTables
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    draft = folder / f".groundswell-{os.getpid()}-{time.monotonic_ns()}.part"
    try:
        contents = _write(draft, made_at)
        verifying.verify(draft)
        file = folder / f"{_prefix(contents)}{made_at.strftime(STAMP)}.zip"
        draft.rename(file)
        _sync(folder)
    finally:
        draft.unlink(missing_ok=True)
    size, rows = file.stat().st_size, sum(contents.rows.values())
    audit.record("create", AUDITED, file=str(file), size=size, rows=rows, made_at=made_at.isoformat())
    db.session.commit()
    deleted = _delete_oldest(folder, _prefix(contents), keep) if keep else []
    return Made(file, size, rows, made_at, round(time.monotonic() - started, 1), deleted)


def _write(draft: Path, made_at: datetime) -> Contents:
    database = db.engine.dialect.name
    with verifying.workspace() as place, Writer(draft) as writer:
        contents: Contents = verifying.KINDS[database].dump(writer, place)
        # After the database, so that no file is missing that a row names.
        for folder, files in registries.kept_files.items():
            for path in files():
                _keep(writer, f"files/{folder}/{path.name}", path)
        writer.finish(Manifest(_version(), database, made_at, contents, writer.members))
    return contents


def _keep(writer: Writer, name: str, path: Path) -> None:
    with suppress(FileNotFoundError), path.open("rb") as file, writer.member(name) as member:
        member.copy(file)  # Or it was deleted meanwhile, and its row with it.


def _version() -> str:
    try:
        return metadata.version("groundswell")
    except metadata.PackageNotFoundError:  # It runs from its folder without being installed.
        return ""


def _prefix(contents: Contents) -> str:
    # So that installations which share a folder leave each other's backups alone.
    return f"groundswell-{contents.installation[:8]}-"


def _delete_oldest(folder: Path, prefix: str, keep: int) -> list[Path]:
    oldest = sorted(folder.glob(f"{prefix}*.zip"))[:-keep]
    for path in oldest:
        path.unlink(missing_ok=True)
    return oldest


def _sweep(folder: Path) -> None:
    for path in folder.glob(".groundswell-*.part"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - DAY:  # Of one that was killed.
                path.unlink()


def _sync(folder: Path) -> None:
    number: Any = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
