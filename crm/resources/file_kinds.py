"""What kind of file a resource may have: told by its content, never by its name."""

from dataclasses import dataclass
from pathlib import Path

from crm.base.changes import Refused
from crm.influencers.evidence import kinds

HEAD = 64


@dataclass(frozen=True)
class FileKind:
    """One kind: how people call it, the type that it is sent as, the endings that its name may have."""

    label: str
    mimetype: str
    endings: tuple[str, ...]


KINDS = {
    name: FileKind(kinds.KINDS[name].label, kinds.KINDS[name].mimetype, kinds.KINDS[name].endings)
    for name in ("pdf", "docx", "odt")
} | {
    "mp4": FileKind("MP4 video", "video/mp4", (".mp4", ".m4v", ".m4a")),
    "mp3": FileKind("MP3 sound", "audio/mpeg", (".mp3",)),
}
NAMED = "PDF, Word (docx), OpenDocument (odt), MP4 or MP3"


def of(path: Path) -> str:
    """Return the kind of the file, a key of KINDS; raises Refused."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head[4:8] == b"ftyp":
        return "mp4"
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "mp3"
    try:
        kind = kinds.of(path)
    except kinds.UnknownKind:
        kind = ""
    if kind not in KINDS:
        raise Refused(f"This file is of another kind, whatever its name says. Choose one of these: {NAMED}.", "file")
    return kind
