"""What a backup says of itself: of which installation it is, from when, and what each of its members holds."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

FORMAT = 1
DATABASE = "database.sqlite3"
# No name with a dot first or a slash in it, so that none leads out of the folder that it is for.
NAME = re.compile(
    r"database\.sqlite3|tables/[a-z][a-z0-9_]*\.copy|files/(?P<folder>[a-z][a-z0-9_]*)/(?P<file>[A-Za-z0-9][\w.-]*)",
    re.ASCII,
)


class Faulty(Exception):
    """The file is no whole backup; the message says what is wrong with it."""


@dataclass(frozen=True)
class Member:
    """One member of the file: its size in bytes, and the SHA-256 of its content."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What was copied of a database.

    rows: how many of each table. columns: their order in the copy, where it holds texts. ids: the last id that was
    given out, of each table that counts its ids. key_fingerprint: that of SECRET_KEY, or empty.
    """

    revision: str
    installation: str
    key_fingerprint: str
    rows: dict[str, int]
    columns: dict[str, list[str]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """All that a backup says of itself; database: sqlite or postgresql."""

    version: str
    database: str
    made_at: datetime
    contents: Contents
    members: dict[str, Member]

    def to_json(self) -> str:
        values = asdict(self) | {"made_at": self.made_at.isoformat()}
        return json.dumps({"format": FORMAT, **values}, indent=1)


def of_json(text: bytes) -> Manifest:
    """Return the manifest that this is; raises Faulty."""
    try:
        values: dict[str, Any] = json.loads(text)
        if values.pop("format") != FORMAT:
            raise Faulty("It was made by a newer version of the program, which alone can read it.")
        values["made_at"] = datetime.fromisoformat(values["made_at"])
        values["contents"] = Contents(**values["contents"])
        values["members"] = {name: Member(**one) for name, one in values["members"].items()}
        found = Manifest(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Faulty("Its manifest cannot be read.") from error
    for name in found.members:
        check_name(name)
    return found


def check_name(name: str) -> None:
    """Raise Faulty for a member that no backup of ours has, such as one that would lie outside of our folders."""
    if not NAME.fullmatch(name):
        raise Faulty(f"It holds {name!r}, which no backup of ours does.")


def file_named(name: str) -> tuple[str, str] | None:
    """Return (folder, file) of a member that is a file of the instance folder; None for a part of the database."""
    match = NAME.fullmatch(name)
    return (match["folder"], match["file"]) if match and match["folder"] else None
