"""`crm import influencers`: one file in one transaction, all of it or nothing."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from crm.influencers import profiles
from crm.influencers.profiles import Facts
from crm.transfer import influencer_csv, legislators

CSV_BASIS = "Taken from a file by staff."
YAML_ENDINGS = (".yaml", ".yml")


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
    path: Path, committees: Path | None = None, codes: Collection[str] = (), *, source: str | None = None
) -> Result:
    """Import a CSV file, named `source` on record, or the YAML of the congress-legislators project.

    Raises Unreadable, UnknownCommittee and BadRows, before anything is changed.
    """
    facts, bad, origin, basis = _read(path, committees, codes, source or path.name)
    if bad:
        raise BadRows(bad)
    outcomes = Counter(profiles.take_facts(one, origin, basis) for one in facts)
    return Result(outcomes["created"], outcomes["updated"], outcomes["unchanged"])


def is_yaml(path: Path) -> bool:
    """Tell by its name whether the file is YAML; all others are read as CSV."""
    return path.suffix.lower() in YAML_ENDINGS


def _read(
    path: Path, committees: Path | None, codes: Collection[str], source: str
) -> tuple[list[Facts], list[str], str, str]:
    if is_yaml(path):
        seats = legislators.read_seats(committees, codes) if committees else None
        facts, bad = legislators.read(path, seats, codes)
        return facts, bad, legislators.SOURCE, legislators.BASIS
    facts, bad = influencer_csv.read(path)
    return facts, bad, source[:200], CSV_BASIS
