"""An import from its upload to its last row: prepared, checked, run in the background, stopped, taken up again."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import delete, select, update

from crm.base import audit, clock, jobs
from crm.contacts import subscriptions
from crm.contacts.topics import default_topic, everything, present_default
from crm.extensions import db
from crm.transfer import columns, storage, tabular
from crm.transfer.models import CHECKED, CHECKING, FAILED, NEW, RUNNING, STOPPED, ImportRun, RowFault
from crm.transfer.tabular import Format, Refused

KEEP_FILES = timedelta(days=30)
LEASE = timedelta(seconds=30)
MAX_STATEMENT = 2000
IMPORT = "work through an import"


def receive(stream: IO[bytes], filename: str, *, actor: str) -> list[ImportRun]:
    """Store an upload and look through it; returns one import for each file in it. Raises Refused."""
    with storage.kept(stream, filename) as files:
        # All files are read through before the database is asked anything, so that no lock is held meanwhile.
        forms = [tabular.inspect(storage.path_of(public_id)) for public_id, _ in files]
        runs = [_prepare(*file, form, actor) for file, form in zip(files, forms, strict=True)]
        db.session.add_all(runs)
        db.session.flush()
    return runs


def settle_terms(run: ImportRun, *, mapping: Sequence[str], holds: str, topics: Sequence[str], consent: str) -> None:
    """Write down what the columns mean and what the people are imported for; raises Refused."""
    meanings = columns.fields()
    columns.check(mapping, meanings)
    if len(mapping) != len(run.header) or set(mapping) - {"", *meanings} or holds not in columns.HOLDS:
        raise Refused("The columns of the form are not those of the file. Open the import again.")
    known = {topic.slug for topic in subscriptions.named(topics)}
    if unknown := [slug for slug in topics if slug not in known]:
        raise Refused(f"There is no topic “{unknown[0]}”. Topics are: {', '.join(_all_slugs())}.")
    if len(consent) > MAX_STATEMENT:
        raise Refused(f"The statement of consent is longer than {MAX_STATEMENT:,} characters.")
    run.mapping, run.holds, run.consent = list(mapping), holds, consent.strip()
    run.topics = list(topics) or _default_topics()


def start(run: ImportRun, state: str, *, owner: str = "") -> bool:
    """Begin to check or to run an import; returns False where its present state does not allow it."""
    before = {CHECKING: (NEW, CHECKED, STOPPED, FAILED), RUNNING: (NEW, CHECKED)}[state]
    begun: dict[str, object] = {"state": state, "position": 0, "counts": {}, "message": "", "finished_at": None}
    if state == CHECKING:
        begun["expected"] = {}
    elif not run.topics:
        begun["topics"] = [default_topic().slug]
    if not _move(run, before, {**begun, **_lease(owner)}):
        return False
    db.session.execute(delete(RowFault).where(RowFault.run_id == run.id))
    if state == RUNNING:  # A dry run changes nothing that could be asked about later.
        audit.record("start", "import", run.id, file=run.filename, topics=run.topics)
    if not owner:
        jobs.defer(IMPORT, run.id)
    return True


def stop(run: ImportRun) -> bool:
    """Stop after the rows that are being written now; what was imported stays."""
    stopped = _move(run, (CHECKING, RUNNING), {"state": STOPPED, "owner": "", "lease_until": None})
    if stopped:
        audit.record("stop", "import", run.id)
    return stopped


def stop_all(_made_at: datetime) -> int:
    """Stop every import that is being checked or run, as `stop` does; return how many."""
    running = update(ImportRun).where(ImportRun.state.in_((CHECKING, RUNNING)))
    stopped = db.session.execute(running.values(state=STOPPED, owner="", lease_until=None))
    return int(stopped.rowcount)  # type: ignore[attr-defined]


def go_on(run: ImportRun) -> bool:
    """Take a stopped or failed import up again where it was left; one that was only being checked is checked anew."""
    if not run.expected:
        return start(run, CHECKING)
    moved = _move(run, (STOPPED, FAILED), {"state": RUNNING, "message": "", "owner": "", "lease_until": None})
    if moved:
        jobs.defer(IMPORT, run.id)
    return moved


def form_of(run: ImportRun) -> Format:
    """Return how to read the file of this import."""
    return Format(run.encoding, run.separator, run.header, run.total)


def forget_files() -> int:
    """Remove files and rows of errors 30 days after their upload, and copies of no import; returns how many. A job."""
    old = (ImportRun.created_at < clock.now() - KEEP_FILES, ImportRun.removed_at.is_(None))
    done = 0
    for run in db.session.scalars(select(ImportRun).where(*old, ImportRun.state.not_in((CHECKING, RUNNING)))):
        storage.remove(run.public_id)
        db.session.execute(delete(RowFault).where(RowFault.run_id == run.id))
        run.removed_at = clock.now()
        done += 1
    kept = set(db.session.scalars(select(ImportRun.public_id).where(ImportRun.removed_at.is_(None))))
    return done + storage.sweep(kept)


def _prepare(public_id: uuid.UUID, filename: str, form: Format, actor: str) -> ImportRun:
    return ImportRun(
        public_id=public_id,
        created_by=actor,
        filename=filename,
        encoding=form.encoding,
        separator=form.separator,
        header=form.header,
        mapping=columns.recognize(form.header, columns.fields()),
        program=columns.program(form.header),
        holds=columns.holds(form.header, filename),
        total=form.total,
        topics=_default_topics(),
    )


def _default_topics() -> list[str]:
    topic = present_default()
    return [topic.slug] if topic else []


def _move(run: ImportRun, before: Sequence[str], values: Mapping[str, object]) -> bool:
    claim = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state.in_(before)).values(**values)
    moved = db.session.execute(claim).rowcount == 1  # type: ignore[attr-defined]
    db.session.refresh(run)
    return moved


def _lease(owner: str) -> dict[str, object]:
    return {"owner": owner, "lease_until": clock.now() + LEASE if owner else None}


def _all_slugs() -> list[str]:
    return [topic.slug for topic in everything()]
