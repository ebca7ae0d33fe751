"""Working through an import, chunk by chunk.

Each chunk is one transaction that also moves the import's position, and only if the import still stands where this
worker left it: so a kill loses no row and doubles none, and a stop takes effect between two chunks.
"""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from crm.base import clock, jobs
from crm.base.database import insert_into, reading
from crm.contacts.custom_fields import questions
from crm.extensions import db
from crm.transfer import columns, intake, record, rows, runs, storage, tabular
from crm.transfer.intake import Terms
from crm.transfer.mending import MAX_FAULTS
from crm.transfer.models import CHECKED, CHECKING, DONE, FAILED, RUNNING, ImportRun, RowFault
from crm.transfer.rows import Row, RowError
from crm.transfer.runs import IMPORT
from crm.transfer.seen import Seen

logger = logging.getLogger(__name__)

BUDGET = 3.0  # seconds; other recurring jobs wait meanwhile
TARGET = 0.04  # seconds that one write transaction should take, so that sign-ups and sending go on
SMALLEST, FIRST, LARGEST = 10, 50, 200  # rows of a chunk; the largest takes some 50 ms, however fast the last was
GONE_WEIGHT = 10  # Somebody on record who leaves takes about as long as ten other people.
TRIES = 5
SEARCH = timedelta(days=1)  # So long a file that is not here may lie on another host.
AFTER = {CHECKING: CHECKED, RUNNING: DONE}


class Lost(Exception):
    """The import was stopped, or another worker has taken it."""


@dataclass
class Chunk:
    """Rows that stand one after the other; no address stands in it twice. `weight` says how much there is to write."""

    start: int
    end: int
    weight: int = 0
    people: list[Row] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


def work(budget: float = BUDGET) -> int:
    """Take up imports that wait, for at most `budget` seconds; returns how many were worked on. A job; commits."""
    until, taken = time.monotonic() + budget, 0
    for run_id in _waiting():
        if jobs.hand_over(IMPORT, run_id) or (run := _take(run_id)) is None:
            continue
        taken += 1
        advance(run, lambda _: time.monotonic() < until)
        if time.monotonic() >= until:
            break
    return taken


def work_on(run_id: int, budget: float = BUDGET) -> None:
    """Work on one import for so many seconds, and ask for the rest; a job. Commits.

    Where its file is not on this host, it is left to the others: a tick asks again.
    """
    if _lies_elsewhere(run_id) or (run := _take(run_id)) is None:
        return
    until = time.monotonic() + budget
    advance(run, lambda _: time.monotonic() < until)
    if _waiting(ImportRun.id == run_id):
        jobs.defer(IMPORT, run_id)
        db.session.commit()


def _lies_elsewhere(run_id: int) -> bool:
    with reading():
        public_id, created_at = db.session.execute(
            select(ImportRun.public_id, ImportRun.created_at).where(ImportRun.id == run_id)
        ).one()
        db.session.rollback()
    return not storage.path_of(public_id).exists() and clock.now() < created_at + SEARCH


def advance(run: ImportRun, proceed: Callable[[ImportRun], bool]) -> None:
    """Work on an import that this process owns until it is done, or `proceed` says no; commits after each chunk."""
    try:
        _Worker(run).advance(proceed)
    except Lost:
        db.session.rollback()
    except FileNotFoundError:
        _fail(run, "The uploaded file is not in the instance folder of this worker. Upload it again.")
    except Exception:
        logger.exception("import %s failed after row %s", run.id, run.position)
        _fail(run, "It stopped because of an error in the program. What was imported stays; the log says more.")


def _waiting(*conditions: ColumnElement[bool]) -> list[int]:
    """Return the imports that wait, or whose worker has not been heard of for a while; the oldest first."""
    with reading():
        found = list(db.session.scalars(select(ImportRun.id).where(*_due(), *conditions).order_by(ImportRun.id)))
        db.session.rollback()
    return found


def _take(run_id: int) -> ImportRun | None:
    claim = update(ImportRun).where(ImportRun.id == run_id, *_due())
    claim = claim.values(owner=secrets.token_hex(8), lease_until=clock.now() + runs.LEASE)
    claimed = db.session.execute(claim).rowcount == 1  # type: ignore[attr-defined]
    db.session.commit()
    return db.session.get(ImportRun, run_id, populate_existing=True) if claimed else None


def _due() -> tuple[ColumnElement[bool], ...]:
    return ImportRun.state.in_(AFTER), or_(ImportRun.lease_until.is_(None), ImportRun.lease_until < clock.now())


def _fail(run: ImportRun, message: str) -> None:
    db.session.rollback()
    mine = (ImportRun.id == run.id, ImportRun.owner == run.owner)
    values = {"state": FAILED, "message": message, "owner": "", "lease_until": None}
    db.session.execute(update(ImportRun).where(*mine).values(**values))
    db.session.commit()


class _Worker:
    """One worker at one import."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.size = FIRST
        self.counts: Counter[str] = Counter(run.counts)
        label = columns.LABELS[run.program]
        url = f"/staff/imports/{run.id}"
        self.terms = Terms(run.topics, run.consent, run.filename, run.program, label, url, run.created_by)
        self.asked = questions.by_key()
        db.session.expunge_all()
        db.session.rollback()

    def advance(self, proceed: Callable[[ImportRun], bool]) -> None:
        path = storage.path_of(self.run.public_id)
        records = tabular.read(path, runs.form_of(self.run), skip=self.run.position)
        with Seen(storage.seen_of(self.run.public_id), anew=self.run.position == 0) as seen:
            for chunk in self._chunks(records):
                self._settle(chunk, seen.doubled(chunk.people))
                if not proceed(self.run):
                    self._move(owner="", lease_until=None)
                    db.session.commit()
                    return
        found = {"expected": dict(self.counts)} if self.run.state == CHECKING else {}
        after = AFTER[self.run.state]
        self._move(state=after, owner="", lease_until=None, finished_at=clock.now(), **found)
        db.session.commit()

    def _chunks(self, records: Iterator[tabular.Record]) -> Iterator[Chunk]:
        position = self.run.position
        chunk, addresses = Chunk(position, position), set[str]()
        for number, cells in records:
            found = self._read(number, cells)
            full = chunk.weight >= self.size
            if full or (isinstance(found, Row) and found.email in addresses):
                yield chunk
                chunk, addresses = Chunk(chunk.end, chunk.end), set()
            chunk.end += 1
            chunk.weight += GONE_WEIGHT if isinstance(found, Row) and found.standing in rows.GONE else 1
            if isinstance(found, Row):
                chunk.people.append(found)
                addresses.add(found.email)
            else:
                chunk.faults[number] = found
        if chunk.end > chunk.start:
            yield chunk

    def _read(self, number: int, cells: list[str]) -> Row | str:
        try:
            return rows.parse(number, cells, self.run.mapping, self.run.holds, self.asked)
        except RowError as error:
            return str(error)

    def _settle(self, chunk: Chunk, doubled: set[int]) -> None:
        """Judge and write one chunk; tries again where somebody else wrote the same people at the same moment."""
        for attempt in range(1, TRIES + 1):
            started = time.monotonic()
            try:
                outcome = self._write(chunk, doubled)
                db.session.commit()
            except (IntegrityError, OperationalError):
                db.session.rollback()
                if attempt == TRIES:
                    raise
                time.sleep(0.05 * attempt)
                continue
            break
        self.run.position, self.counts = chunk.end, outcome
        db.session.expunge_all()
        self._fit(time.monotonic() - started)

    def _write(self, chunk: Chunk, doubled: set[int]) -> Counter[str]:
        dry = self.run.state == CHECKING
        if dry:
            with reading():
                verdicts = intake.judge(chunk.people, self.terms)
                db.session.rollback()
        outcome = self.counts.copy()
        outcome["errors"] += len(chunk.faults)
        self._move(position=chunk.end, lease_until=clock.now() + runs.LEASE)
        if not dry:
            verdicts = intake.judge(chunk.people, self.terms, lock=True)
            record.write(verdicts, self.terms)
        for verdict in verdicts:
            outcome.update({"doubled": 1} if verdict.row.number in doubled else verdict.outcome)
        self._keep(outcome, chunk.faults)
        return outcome

    def _move(self, **values: object) -> None:
        """Change the import, unless it was stopped or taken; locks it until the transaction ends. Raises Lost."""
        mine = update(ImportRun).where(
            ImportRun.id == self.run.id,
            ImportRun.owner == self.run.owner,
            ImportRun.state == self.run.state,
            ImportRun.position == self.run.position,
        )
        if db.session.execute(mine.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
            raise Lost

    def _keep(self, outcome: Counter[str], faults: dict[int, str]) -> None:
        counted = update(ImportRun).where(ImportRun.id == self.run.id).values(counts=dict(outcome))
        db.session.execute(counted.execution_options(synchronize_session=False))
        room = max(0, MAX_FAULTS - self.counts["errors"])
        found = [{"run_id": self.run.id, "number": n, "message": text} for n, text in list(faults.items())[:room]]
        if found:
            db.session.execute(insert_into(RowFault).on_conflict_do_nothing(), found)

    def _fit(self, seconds: float) -> None:
        """Make the next chunk so large that its transaction takes about as long as it should."""
        ratio = min(2.0, max(0.5, TARGET / max(seconds, 0.001)))
        self.size = int(min(LARGEST, max(SMALLEST, self.size * ratio)))
