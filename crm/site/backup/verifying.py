"""Whether a backup is whole: its seal, its digests, its database, its counts."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from flask import current_app

from crm.site.backup import archive, postgresql, sqlite
from crm.site.backup.archive import Reader
from crm.site.backup.manifest import Faulty, Manifest, file_named

KINDS: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
WORKSPACE = "backup-work-"
DAY = 86_400  # seconds


def verify(path: Path) -> Manifest:
    """Read a backup from its first byte to its last and open its copy; return its manifest. Raises Faulty, OSError."""
    with archive.opened(path) as reader, workspace() as place:
        kind_of(reader.manifest).check(reader, place)
        for name in reader.manifest.members:
            if file_named(name):
                _read_through(reader, name)
        return reader.manifest


def kind_of(manifest: Manifest) -> ModuleType:
    """Return what knows this kind of database; raises Faulty."""
    if manifest.database not in KINDS:
        raise Faulty(f"It is of a database that we do not know: {manifest.database}.")
    return KINDS[manifest.database]


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for copies in passing, open to nobody else, on the disk of the database; it goes at the end."""
    instance = Path(current_app.config["INSTANCE_PATH"])
    for left in instance.glob(f"{WORKSPACE}*"):
        if left.stat().st_mtime < time.time() - DAY:  # Of one that was killed.
            shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=WORKSPACE, dir=instance))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _read_through(reader: Reader, name: str) -> None:
    for _ in reader.blocks(name):
        pass
