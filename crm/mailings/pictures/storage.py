"""Where pictures lie: in the instance folder, under names that nobody can guess, and where they are shown."""

import re
from collections.abc import Collection
from pathlib import Path

from crm.base import clock, folders
from crm.base.public_pages import public_url

FOLDER = "pictures"
FILE = re.compile(r"([0-9a-f]{32})(-small)?\.(jpg|png)")
HOUR = 3600  # seconds


def name_of(public_id: str, kind: str, *, small: bool = False) -> str:
    """Return the name of a file of the picture."""
    return f"{public_id}{'-small' if small else ''}.{kind}"


def url_of(name: str) -> str:
    """Return the public address of a file."""
    return public_url(f"/pictures/{name}")


def store(name: str, content: bytes) -> None:
    """Keep the bytes under that name."""
    path = folders.private(FOLDER) / name
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.rename(path)


def path_of(name: str) -> Path | None:
    """Return where the file of that name lies; None for a name that is none of ours, or a file that is gone."""
    path = folders.private(FOLDER) / name
    return path if FILE.fullmatch(name) and path.is_file() else None


def remove(public_id: str) -> None:
    """Delete the files of a picture."""
    for path in folders.private(FOLDER).glob(f"{public_id}*"):
        path.unlink(missing_ok=True)


def files() -> list[Path]:
    """Return all files, for backups."""
    return sorted(path for path in folders.private(FOLDER).iterdir() if FILE.fullmatch(path.name))


def sweep(kept: Collection[str]) -> int:
    """Delete what belongs to none of these pictures and is an hour old: it was never saved. Returns how many."""
    before = clock.now().timestamp() - HOUR
    folder = folders.private(FOLDER)
    strays = [path for path in folder.iterdir() if path.name[:32] not in kept and path.stat().st_mtime < before]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)
