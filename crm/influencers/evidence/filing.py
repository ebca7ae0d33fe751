"""Filing evidence: a file comes to an ask, is found by those who see the ask, and goes again."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from crm.accounts.models import User
from crm.base import clock, database, shelves
from crm.base.changes import lock
from crm.extensions import db
from crm.influencers import access, asks
from crm.influencers.evidence import kinds, storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.models import Ask

MOST = 30  # Files of one ask.


def offered(upload: FileStorage | None) -> AbstractContextManager[AskFile | None]:
    """Receive an upload where there is one, and yield None otherwise."""
    return received(upload) if upload else nullcontext()


@contextmanager
def received(upload: FileStorage, note: str = "") -> Iterator[AskFile]:
    """Store an upload, and yield a row for it that is not yet of any ask.

    What was not committed before is dropped (see database.looking). Nothing stays after an error. Raises asks.Refused.
    """
    with database.looking():
        file = _stored(upload, note)
    try:
        yield file
    except BaseException:
        storage.SHELF.remove(file.token)
        raise


def add(ask: Ask, file: AskFile, user: User) -> None:
    """File the evidence with the ask, and keep that in its history; raises asks.Refused where there is too much."""
    lock(ask)
    number = db.session.scalar(select(func.count()).select_from(AskFile).where(AskFile.ask_id == ask.id)) or 0
    if number >= MOST:
        raise asks.Refused(f"An ask keeps at most {MOST} files. Remove one first.", "file")
    asks.keep(ask, ask.state, user, changes=asks.attach(ask, file, user))


def remove(file: AskFile, user: User) -> None:
    """Take the file off its ask; raises asks.Refused where a delivered ask would be without evidence.

    Its bytes are deleted by whoever commits.
    """
    ask = file.ask
    lock(ask)
    if ask.state == "delivered" and not ask.evidence_url and len(of(ask)) == 1:
        raise asks.Refused("A delivered ask keeps its evidence. Add another file or a link first.", "file")
    db.session.delete(file)
    asks.keep(ask, ask.state, user, changes={"evidence_file": [file.name, None]})


def of(ask: Ask) -> Sequence[AskFile]:
    """Return the files of an ask, oldest first."""
    query = select(AskFile).where(AskFile.ask_id == ask.id).options(joinedload(AskFile.user))
    return db.session.scalars(query.order_by(AskFile.id)).all()


def find(number: int, user: User) -> AskFile | None:
    """Return the file of that id, where the user sees its ask."""
    query = select(AskFile).join(AskFile.ask).where(AskFile.id == number, access.asks(user))
    return db.session.scalar(query)


def having(numbers: Collection[int]) -> set[int]:
    """Return those of the ids of asks that have files."""
    return set(db.session.scalars(select(AskFile.ask_id).where(AskFile.ask_id.in_(numbers))))


def sweep() -> int:
    """Delete files whose ask is gone; returns how many. A job."""
    return storage.SHELF.sweep(set(db.session.scalars(select(AskFile.token))))


def _stored(upload: FileStorage, note: str) -> AskFile:
    try:
        stored = storage.SHELF.store(upload.stream)
    except shelves.TooLarge as error:
        raise asks.Refused(str(error), "file") from error
    try:
        kind = kinds.of(storage.SHELF.path_of(stored.token))
    except kinds.UnknownKind as error:
        storage.SHELF.remove(stored.token)
        raise asks.Refused(str(error), "file") from error
    name = shelves.shown_name(upload.filename or "", kinds.KINDS[kind].endings, "evidence")
    values = {"token": stored.token, "size": stored.size, "name": name, "kind": kind, "note": note}
    return AskFile(**values, created_at=clock.now())
