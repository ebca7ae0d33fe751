"""Importing influencers: the whole file is checked before the first of its rows is written."""

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from crm.accounts.models import User
from crm.base import database
from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.offices import following
from crm.influencers.offices.following import Taken
from crm.influencers.profiles import Facts
from crm.organizations import coalition
from crm.transfer import influencer_csv, legislators
from crm.transfer.plain_yaml import Unreadable

CSV_BASIS = "Taken from a file by staff."
YAML_ENDINGS = (".yaml", ".yml")
STEP = 0.03  # seconds that one write transaction goes on taking rows, so that sign-ups and sending go on
A_THIRD = 3  # More than one of so many offices or seats ends only where that is said.

T = TypeVar("T")


class BadRows(Exception):
    """Rows that cannot be imported, each with its line number; nothing was imported."""

    def __init__(self, rows: list[str]) -> None:
        super().__init__("One row cannot be imported" if len(rows) == 1 else f"{len(rows)} rows cannot be imported")
        self.rows = rows


class EndsMany(Exception):
    """The file would end more than a third of the offices or committee seats that it is to follow; nothing was done."""


@dataclass(frozen=True)
class Result:
    """How many influencers the import made, changed and left as they were, and how many offices and seats ended."""

    created: int
    updated: int
    unchanged: int
    offices_ended: int = 0
    seats_ended: int = 0

    def __str__(self) -> str:
        total = self.created + self.updated + self.unchanged
        said = f"{total} influencers: {self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        if not (self.offices_ended or self.seats_ended):
            return said
        return (
            f"{said}; {_number(self.offices_ended, 'office')} and {_number(self.seats_ended, 'committee seat')} ended"
        )


@dataclass(frozen=True)
class Source:
    """What was read: whom to take, whom the whole file names, its bad rows, what it is called and on which ground."""

    facts: list[Facts]
    named: list[Facts]
    bad: list[str]
    origin: str
    basis: str
    speaks_of_offices: bool = False


def run(
    path: Path,
    committees: Path | None = None,
    codes: Collection[str] = (),
    *,
    source: str | None = None,
    ends_many: bool = False,
    user: User | None = None,
) -> Result:
    """Import a CSV file, named `source` on record, or the YAML of the congress-legislators project, for that user.

    The YAML ends offices and committee seats of those whom it names no more; `ends_many` lets it end more than a third.
    Raises Unreadable, UnknownCommittee, BadRows and EndsMany, before anything is changed. Commits in short steps: where
    it is broken off, what was written stays, and the same file imported again finds it and goes on.
    """
    with database.looking():
        read = _read(path, committees, codes, source or path.name, user)
        if read.speaks_of_offices and not read.bad and not ends_many:
            _check_ends(read, user)
    if read.bad:
        raise BadRows(read.bad)
    if not read.speaks_of_offices:
        return _result(write(read.facts, read.origin, read.basis, user))
    today = coalition.today()
    outcomes, taken = _take(read, today, user)
    taken += _end_missing(read, today, user)
    return _result(outcomes, taken)


def is_yaml(path: Path) -> bool:
    """Tell by its name whether the file is YAML; all others are read as CSV."""
    return path.suffix.lower() in YAML_ENDINGS


def write(facts: list[Facts], origin: str, basis: str, user: User | None = None) -> Counter[str]:
    """Make or update these influencers, among those whom the user sees, in short steps; returns how many. Commits."""
    outcomes = Counter[str](profiles.take_facts(one, origin, basis, user) for one in _in_steps(facts))
    db.session.commit()
    return outcomes


def _result(outcomes: Counter[str], taken: Taken | None = None) -> Result:
    counts = (outcomes["created"], outcomes["updated"], outcomes["unchanged"])
    return Result(*counts, taken.offices, taken.seats) if taken else Result(*counts)


def _check_ends(read: Source, user: User | None) -> None:
    gone, offices = following.missing(read.origin, read.named, user)
    left, seats = following.missing_seats(read.origin, read.named, gone, user)
    if len(gone) * A_THIRD > offices or left * A_THIRD > seats:
        raise EndsMany(
            f"This file names {len(read.named):,} legislators, and would end {len(gone)} of "
            f"{_number(offices, 'office')} and {left} of {_number(seats, 'committee seat')}. It may be cut short."
        )


def _take(read: Source, today: date, user: User | None) -> tuple[Counter[str], Taken]:
    outcomes, taken = Counter[str](), Taken()
    for one in _in_steps(read.facts):
        outcome = profiles.take_facts(one, read.origin, read.basis, user)
        held = following.take(one, read.origin, today, user)
        outcomes["updated" if held.changed and outcome == "unchanged" else outcome] += 1
        taken += held
    db.session.commit()
    return outcomes, taken


def _end_missing(read: Source, today: date, user: User | None) -> Taken:
    taken = Taken()
    with database.looking():
        ids = [holding.id for holding in following.missing(read.origin, read.named, user)[0]]
    for number in _in_steps(ids):
        taken += following.end_missing(number, today)
    db.session.commit()
    return taken


def _in_steps(rows: list[T]) -> Iterator[T]:
    until = 0.0
    for one in rows:
        if time.monotonic() > until:
            db.session.commit()
            db.session.connection()  # Begins, and waits until nobody else writes: that time is not ours.
            until = time.monotonic() + STEP
        yield one


def _read(path: Path, committees: Path | None, codes: Collection[str], source: str, user: User | None) -> Source:
    if not is_yaml(path):
        facts, bad = influencer_csv.read(path)
        return Source(facts, facts, bad, source[:200], CSV_BASIS)
    seats = legislators.read_seats(committees, codes) if committees else None
    named, bad = legislators.read(path, seats)
    known, offices = following.concerns(legislators.SOURCE, user)
    facts = legislators.wanted(named, codes, known, offices)
    if len(facts) > influencer_csv.MAX_ROWS:
        raise Unreadable(influencer_csv.TOO_MANY)
    return Source(facts, named, bad, legislators.SOURCE, legislators.BASIS, speaks_of_offices=True)


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
