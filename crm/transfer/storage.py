"""Where uploaded files lie: in the instance folder, under names of our own, until they are removed after 30 days."""

import uuid
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from crm.base import clock, folders
from crm.transfer.tabular import BLOCK, MAX_BYTES, Refused

FOLDER = "imports"
DAY = 86_400  # seconds
MAX_MEMBERS = 10
MAX_RATIO = 100  # How much a packed file may grow; CSV packs 5 to 20 times.
TOO_LARGE = f"The file is larger than {MAX_BYTES >> 20} MB. Split it and import the parts one by one."


def path_of(public_id: uuid.UUID) -> Path:
    """Return where the file of an import lies."""
    return folders.private(FOLDER) / f"{public_id}.csv"


def seen_of(public_id: uuid.UUID) -> Path:
    """Return where an import notes the addresses that it has met."""
    return folders.private(FOLDER) / f"{public_id}.seen"


def uploads() -> list[Path]:
    """Return the uploaded files; what an import notes beside them can be made again."""
    return sorted(folders.private(FOLDER).glob("*.csv"))


def remove(public_id: uuid.UUID) -> None:
    """Delete what lies there of an import."""
    path_of(public_id).unlink(missing_ok=True)
    seen_of(public_id).unlink(missing_ok=True)


def sweep(kept: Collection[uuid.UUID]) -> int:
    """Delete what has lain there for a day and is of none of these imports: an upload broke off. Returns how many."""
    names, yesterday = {str(public_id) for public_id in kept}, clock.now().timestamp() - DAY
    folder = folders.private(FOLDER)
    strays = [path for path in folder.iterdir() if path.stem not in names and path.stat().st_mtime < yesterday]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


@contextmanager
def kept(stream: IO[bytes], filename: str) -> Iterator[list[tuple[uuid.UUID, str]]]:
    """Store an upload, a packed one file by file, and yield the id and name of each; nothing stays after an error.

    Raises Refused. Those who left come first, so that nobody gets mail between two files of one export.
    """
    draft = folders.private(FOLDER) / f"{uuid.uuid4()}.part"
    stored: list[tuple[uuid.UUID, str]] = []
    try:
        _copy(stream, draft)
        if zipfile.is_zipfile(draft):
            _unpack(draft, stored)
        else:
            stored.append((uuid.uuid4(), base_name(filename)))
            draft.rename(path_of(stored[0][0]))
        stored.sort(key=lambda entry: not entry[1].lower().startswith(("unsubscribed", "cleaned", "nonsubscribed")))
        yield stored
    except BaseException:
        for public_id, _ in stored:
            remove(public_id)
        raise
    finally:
        draft.unlink(missing_ok=True)


def base_name(filename: str) -> str:
    """Return the last part of a file's name, as it is shown; it never becomes a path of ours."""
    name = PurePosixPath(PureWindowsPath(filename).as_posix()).name
    return "".join(letter for letter in name if letter.isprintable())[-150:] or "upload.csv"


def _unpack(archive: Path, stored: list[tuple[uuid.UUID, str]]) -> None:
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in _members(packed):
                public_id = uuid.uuid4()
                stored.append((public_id, base_name(member.filename)))
                with packed.open(member) as source:
                    _copy(source, path_of(public_id))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused("The ZIP file cannot be unpacked. Unpack it yourself and upload the CSV files in it.") from error


def _members(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    listed = packed.infolist()
    if any(member.filename == "xl/workbook.xml" for member in listed):
        raise Refused("This is an Excel workbook. Save the sheet as “CSV UTF-8” and try again.")
    found = [m for m in listed if m.filename.lower().endswith(".csv") and not m.filename.startswith("__MACOSX")]
    if not 1 <= len(found) <= MAX_MEMBERS:
        raise Refused(f"The ZIP file must hold one to {MAX_MEMBERS} CSV files. Upload the CSV files one by one.")
    for member in found:
        if member.file_size > MAX_BYTES or member.file_size > MAX_RATIO * max(1, member.compress_size):
            raise Refused(f"“{base_name(member.filename)}” unpacks to an unlikely size. Upload the CSV file itself.")
    return found


def _copy(source: IO[bytes], target: Path) -> None:
    size = 0
    with target.open("wb") as file:
        while block := source.read(BLOCK):
            size += len(block)
            if size > MAX_BYTES:
                raise Refused(TOO_LARGE)
            file.write(block)
