"""What a PDF says and how it looks, found out in the background by a process that can harm nobody (pdf_reader.py).

A file that cannot be read stays a file: it is kept, shown and given out as before, and staff are told why.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update

from crm.base import clock, database, jobs
from crm.base.changes import Refused
from crm.extensions import db
from crm.resources import covers, indexing, storage
from crm.resources.models import ResourceFile

log = logging.getLogger(__name__)

READ = "read the PDF of a resource"
WAITING, READING, FAILED = "waiting", "reading", "failed"
SECONDS = 60  # of the process, whatever it does
LEASE = timedelta(minutes=3)
MOST_BYTES = 12_000_000  # of what it may tell: the text, with each sign escaped
READER = Path(__file__).with_name("pdf_reader.py")
PROBLEMS = {
    "locked": "It is locked by a password, so nobody can search in it, and readers are asked for the password.",
    "broken": "It is damaged, or no PDF. Open it yourself, then upload it once more.",
    "limits": "Reading it took too much time or memory, so it is not searched and has no picture.",
}


@dataclass(frozen=True)
class Found:
    """What was found in a PDF: pages, text, and the cover in two sizes; `problem` is a key of PROBLEMS or ""."""

    pages: int = 0
    text: str = ""
    problem: str = ""
    cover: tuple[bytes, bytes] | None = None


def read_due() -> None:
    """Read the PDF that waits longest; for the ticker. Commits."""
    with database.looking():
        file_id = db.session.scalar(select(ResourceFile.id).where(_due()).order_by(ResourceFile.id).limit(1))
    if file_id is None:
        return
    if jobs.hand_over(READ, file_id):
        db.session.commit()
    else:
        read_one(file_id)


def read_one(file_id: int) -> None:
    """Read one PDF, where that is due; a job. Commits."""
    lease = clock.now() + LEASE
    claim = update(ResourceFile).where(ResourceFile.id == file_id, _due())
    claimed = db.session.execute(claim.values(state=READING, reading_until=lease))
    db.session.commit()
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return
    with database.looking():
        token = db.session.scalar(select(ResourceFile.token).where(ResourceFile.id == file_id))
    found = read(storage.SHELF.path_of(str(token)))  # No transaction is open meanwhile.
    _keep(file_id, lease, found)


def read(path: Path) -> Found:
    """Return what the PDF holds; takes SECONDS at most."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as told:
        picture = Path(folder) / "first.png"
        command = [sys.executable, "-I", str(READER), str(path), str(picture)]
        try:
            environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
            ended = subprocess.run(  # noqa: S603  Our own program.
                command,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=folder,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Found(problem="limits")
        told.seek(0)
        return _understood(told.read(MOST_BYTES), picture) if ended.returncode == 0 else Found(problem="limits")


def take(file: ResourceFile, found: Found) -> str:
    """Let the file say what was found in it, and be found by that; return the public id of the cover before, if any."""
    file.state, file.problem = (FAILED, PROBLEMS[found.problem]) if found.problem else ("read", "")
    file.pages, file.reading_until = found.pages or None, None
    before = ""
    if file.replaced_at is None:
        file.text = found.text
        if found.cover and (not file.resource.cover or file.resource.cover_drawn):
            before = covers.put(file.resource, found.cover, drawn=True)
        indexing.index(file.resource)
    return before


def _understood(said: bytes, picture: Path) -> Found:
    try:
        values = json.loads(said)
        pages, text, problem = int(values["pages"]), str(values["text"]), str(values["problem"])
    except (ValueError, KeyError, TypeError):
        return Found(problem="limits")
    return Found(pages, text, problem if problem in PROBLEMS else "", _cover(picture))


def _cover(picture: Path) -> tuple[bytes, bytes] | None:
    if not picture.is_file():
        return None
    try:
        with picture.open("rb") as file:
            return covers.painted(file)
    except Refused:
        return None


def _keep(file_id: int, lease: datetime, found: Found) -> None:
    """Write down what was found, where the file is still this one's to read."""
    mine = select(ResourceFile).where(ResourceFile.id == file_id, ResourceFile.reading_until == lease)
    file = db.session.scalar(mine.with_for_update())
    if file is None or file.state != READING:
        db.session.rollback()
        return
    before = take(file, found)
    db.session.commit()
    covers.remove(before)
    if found.problem:
        log.warning("the file %d of a resource was not read: %s", file_id, found.problem)


def _due() -> ColumnElement[bool]:
    lost = (ResourceFile.state == READING) & (ResourceFile.reading_until < clock.now())
    return or_(ResourceFile.state == WAITING, lost)
