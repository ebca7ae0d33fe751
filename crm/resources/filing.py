"""Files of resources: one is uploaded, takes the place of another, is taken off."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from crm.accounts.models import User
from crm.base import audit, clock, database, jobs, locales, shelves
from crm.base.changes import Refused, lock
from crm.extensions import db
from crm.resources import covers, extracting, file_kinds, indexing, library, storage
from crm.resources.models import Resource, ResourceFile


@contextmanager
def received(upload: FileStorage, language: str, user: User | None) -> Iterator[ResourceFile]:
    """Store an upload, and yield a row for it that is not yet of any resource.

    What was not committed before is dropped (see database.looking). Nothing stays after an error. Raises Refused.
    """
    with database.looking():
        file = stored(upload, language)
    file.user_id = user.id if user else None
    try:
        yield file
    except BaseException:
        storage.SHELF.remove(file.token)
        raise


def add(resource: Resource, file: ResourceFile) -> ResourceFile | None:
    """Give the resource the file; return the one of the same language that it replaces, if any.

    The bytes of that are deleted by whoever commits; its row stays with what was counted, and old links give the new.
    """
    lock(resource)
    before = next((one for one in resource.current_files if one.language == file.language), None)
    if before is not None:
        before.replaced_at, before.text = clock.now(), ""
    resource.files.append(file)
    if file.language not in resource.languages:
        resource.languages = [*resource.languages, file.language]
    db.session.flush()
    audit.record("upload", library.THING, resource.id, file=[before.name if before else None, file.name])
    indexing.index(resource)
    if file.state == extracting.WAITING:
        jobs.defer(extracting.READ, file.id)
    return before


def take_off(file: ResourceFile) -> None:
    """Take a file off its resource; its bytes are deleted by whoever commits.

    Raises Refused where a published resource would be left with nothing to give.
    """
    resource = file.resource
    lock(resource)
    others = [one for one in resource.current_files if one is not file]
    if resource.state == "published" and library.lacks(resource, others, resource.url, resource.gate):
        raise Refused("This is all that the published resource gives. Add another first, or withdraw the resource.", "")
    file.replaced_at, file.text = clock.now(), ""
    audit.record("remove", library.THING, file.resource_id, file=[file.name, None])
    db.session.flush()
    indexing.index(file.resource)


def of_language(resource: Resource, language: str) -> ResourceFile | None:
    """Return the file in that language; in English, or any, where there is none."""
    files = {file.language: file for file in resource.current_files}
    return files.get(locales.best(files, language))


def current(token: str) -> ResourceFile | None:
    """Return the file of that token, or the one that has taken its place; None where none has."""
    found = db.session.scalar(select(ResourceFile).where(ResourceFile.token == token))
    if found is None or found.replaced_at is None:
        return found
    files = found.resource.current_files
    return next((file for file in files if file.language == found.language), None)


def sweep() -> int:
    """Delete files and covers whose resource is gone; returns how many. A job."""
    kept = {name for public_id in db.session.scalars(select(Resource.cover)) for name in covers.names(public_id)}
    return storage.SHELF.sweep(library.all_tokens() | kept)


def stored(upload: FileStorage, language: str) -> ResourceFile:
    """Store an upload, and return a row for it that is not yet of any resource; raises Refused."""
    try:
        stored = storage.SHELF.store(upload.stream)
    except shelves.TooLarge as error:
        raise Refused(str(error), "file") from error
    if not stored.size:
        storage.SHELF.remove(stored.token)
        raise Refused("The file is empty. Choose another.", "file")
    try:
        kind = file_kinds.of(storage.SHELF.path_of(stored.token))
    except BaseException:
        storage.SHELF.remove(stored.token)
        raise
    name = shelves.shown_name(upload.filename or "", file_kinds.KINDS[kind].endings, "resource")
    state = extracting.WAITING if kind == "pdf" else "kept"
    row = ResourceFile(token=stored.token, size=stored.size, sha256=stored.sha256, name=name, kind=kind, state=state)
    row.language, row.created_at = language, clock.now()
    return row
