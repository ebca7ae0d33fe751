"""Where pictures lie: in the instance folder, under names that nobody can guess, and where they are shown."""

import re
from collections.abc import Iterable
from pathlib import Path

from crm.base.public_pages import public_url
from crm.base.shelves import Shelf

SHELF = Shelf("pictures")
FILE = re.compile(r"([0-9a-f]{32})(-small)?\.(jpg|png)")


def name_of(public_id: str, kind: str, *, small: bool = False) -> str:
    """Return the name of a file of the picture."""
    return f"{public_id}{'-small' if small else ''}.{kind}"


def url_of(name: str) -> str:
    """Return the public address of a file."""
    return public_url(f"/pictures/{name}")


def path_of(name: str) -> Path | None:
    """Return where the file of that name lies; None for a name that is none of ours, or a file that is gone."""
    path = SHELF.path_of(name) if FILE.fullmatch(name) else None
    return path if path and path.is_file() else None


def remove(public_id: str, kind: str) -> None:
    """Delete the files of a picture."""
    for name in _names(public_id, kind):
        SHELF.remove(name)


def sweep(kept: Iterable[tuple[str, str]]) -> int:
    """Delete what belongs to none of these pictures (public id, kind): it was never saved. Returns how many."""
    return SHELF.sweep({name for public_id, kind in kept for name in _names(public_id, kind)})


def _names(public_id: str, kind: str) -> list[str]:
    return [name_of(public_id, kind, small=small) for small in (False, True)]
