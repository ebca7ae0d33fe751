"""Importing influencers: the whole file is checked before the first of its rows is written."""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from crm.accounts.models import User
from crm.base import database
from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.profiles import Facts
from crm.transfer import influencer_csv, legislators
from crm.transfer.plain_yaml import Unreadable

CSV_BASIS = "Taken from a file by staff."
YAML_ENDINGS = (".yaml", ".yml")
STEP = 0.03  # seconds that one write transaction goes on taking rows, so that sign-ups and sending go on


class BadRows(Exception):
    """Rows that cannot be imported, each with its line number; nothing was imported."""

    def __init__(self, rows: list[str]) -> None:
        super().__init__("One row cannot be imported" if len(rows) == 1 else f"{len(rows)} rows cannot be imported")
        self.rows = rows


@dataclass(frozen=True)
class Result:
    """How many influencers the import made, changed and left as they were."""

    created: int
    updated: int
    unchanged: int

    def __str__(self) -> str:
        total = self.created + self.updated + self.unchanged
        return f"{total} influencers: {self.created} created, {self.updated} updated, {self.unchanged} unchanged"


def run(
    path: Path,
    committees: Path | None = None,
    codes: Collection[str] = (),
    *,
    source: str | None = None,
    user: User | None = None,
) -> Result:
    """Import a CSV file, named `source` on record, or the YAML of the congress-legislators project, for that user.

    Raises Unreadable, UnknownCommittee and BadRows, before anything is changed. Commits in short steps: where it is
    broken off, what was written stays, and the same file imported again finds it and goes on.
    """
    with database.looking():
        facts, bad, origin, basis = _read(path, committees, codes, source or path.name)
    if bad:
        raise BadRows(bad)
    outcomes = write(facts, origin, basis, user)
    return Result(outcomes["created"], outcomes["updated"], outcomes["unchanged"])


def is_yaml(path: Path) -> bool:
    """Tell by its name whether the file is YAML; all others are read as CSV."""
    return path.suffix.lower() in YAML_ENDINGS


def write(facts: list[Facts], origin: str, basis: str, user: User | None = None) -> Counter[str]:
    """Make or update these influencers, among those whom the user sees, in short steps; returns how many. Commits."""
    outcomes, until = Counter[str](), 0.0
    for one in facts:
        if time.monotonic() > until:
            db.session.commit()
            db.session.connection()  # Begins, and waits until nobody else writes: that time is not ours.
            until = time.monotonic() + STEP
        outcomes[profiles.take_facts(one, origin, basis, user)] += 1
    db.session.commit()
    return outcomes


def _read(
    path: Path, committees: Path | None, codes: Collection[str], source: str
) -> tuple[list[Facts], list[str], str, str]:
    if is_yaml(path):
        seats = legislators.read_seats(committees, codes) if committees else None
        facts, bad = legislators.read(path, seats, codes)
        if len(facts) > influencer_csv.MAX_ROWS:
            raise Unreadable(influencer_csv.TOO_MANY)
        return facts, bad, legislators.SOURCE, legislators.BASIS
    facts, bad = influencer_csv.read(path)
    return facts, bad, source[:200], CSV_BASIS
