"""What kind of file evidence is: told by its content, never by its name."""

import zipfile
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

BLOCK = 65_536
MOST_MEMBERS = 10_000  # Of a packed document; a long Word file has some hundreds.
MIMETYPE_BYTES = 100
ODT = b"application/vnd.oasis.opendocument.text"
# Control characters that no text holds: all but tab, line ends, form feed and escape (which ISO-2022-JP uses).
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27} | {127})
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Text by its bytes, but made to be run or shown by a program.
FOREIGN = (b"<!doctype", b"<html", b"<head", b"<script", b"<svg", b"<?xml", b"<?php", b"{\\rtf", b"%!ps", b"#!")


class UnknownKind(ValueError):
    """The file is of no kind that is kept; the message says what to do."""


@dataclass(frozen=True)
class Kind:
    """One kind: how people call it, the type that it is sent as, the endings that its name may have."""

    label: str
    mimetype: str
    endings: tuple[str, ...]


KINDS = {
    "pdf": Kind("PDF", "application/pdf", (".pdf",)),
    "png": Kind("PNG image", "image/png", (".png",)),
    "jpg": Kind("JPEG image", "image/jpeg", (".jpg", ".jpeg")),
    "webp": Kind("WebP image", "image/webp", (".webp",)),
    "txt": Kind("Text", "text/plain", (".txt",)),
    "docx": Kind(
        "Word document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)
    ),
    "odt": Kind("OpenDocument text", ODT.decode(), (".odt",)),
    "eml": Kind("E-mail", "message/rfc822", (".eml",)),
}
NAMED = "PDF, PNG, JPEG, WebP, text, Word (docx), OpenDocument (odt) or a saved e-mail (eml)"


def of(path: Path) -> str:
    """Return the kind of the file, a key of KINDS; raises UnknownKind."""
    with path.open("rb") as file:
        head = file.read(BLOCK)
    if not head:
        raise UnknownKind("The file is empty. Choose another.")
    kind = _by_signature(head)
    if head.startswith(b"PK\x03\x04"):
        kind = _packed(path)
    elif not kind and _is_text(path, head):
        kind = "eml" if _is_mail(head) else "txt"
    if not kind:
        raise UnknownKind(f"The file cannot be used as evidence. Choose a file of these kinds: {NAMED}.")
    return kind


def _by_signature(head: bytes) -> str:
    if head.lstrip().startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


def _packed(path: Path) -> str:
    """Return docx or odt, "" for any other archive; a document with macros is no document."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if len(names) > MOST_MEMBERS or any(name.lower().endswith("vbaproject.bin") for name in names):
                return ""
            if names[:1] == ["mimetype"] and packed.getinfo("mimetype").file_size <= MIMETYPE_BYTES:
                return "odt" if packed.read("mimetype").strip() == ODT else ""
            return "docx" if {"[Content_Types].xml", "word/document.xml"} <= set(names) else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return ""


def _is_text(path: Path, head: bytes) -> bool:
    if head.startswith(UTF_16):
        return _is_utf_16(path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(FOREIGN):
        return False
    with path.open("rb") as file:
        return not any(block.translate(None, CONTROLS) != block for block in iter(lambda: file.read(BLOCK), b""))


def _is_utf_16(path: Path) -> bool:
    try:
        with path.open(encoding="utf-16") as file:
            return not any("\0" in block for block in iter(lambda: file.read(BLOCK), ""))
    except UnicodeError:
        return False


def _is_mail(head: bytes) -> bool:
    headers = BytesHeaderParser().parsebytes(head)
    return "From" in headers and any(name in headers for name in ("Date", "Message-ID", "Received", "To"))
