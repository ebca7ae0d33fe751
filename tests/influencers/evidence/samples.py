"""Small files of each kind, and of kinds that are refused."""

import io
import zipfile

MAIL = (
    b"From: Iris <iris@mail.example>\r\nDate: Tue, 1 Dec 2026 09:00:00 +0000\r\nSubject: Yes\r\n\r\nI will speak.\r\n"
)


def packed(**members):
    """Return a ZIP file of these members; double underscores in the names stand for slashes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/"), text)
    return buffer.getvalue()


def document(**more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in ("[Content_Types].xml", "word/document.xml", *more.get("also", ())):
            file.writestr(name, "<x/>")
    return buffer.getvalue()


GOOD = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "txt": "Sí, hablaré en el foro.".encode(),
    "docx": document(),
    "odt": packed(mimetype="application/vnd.oasis.opendocument.text", content="<x/>"),
    "eml": MAIL,
}
BAD = {
    "letter.pdf": b"MZ\x90\0\x03\0\0\0",
    "page.txt": b"<!DOCTYPE html><script>alert(1)</script>",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "run.txt": b"#!/bin/sh\nrm -rf /\n",
    "archive.docx": packed(readme="hello"),
    "macros.docx": document(also=("word/vbaProject.bin",)),
    "sheet.odt": packed(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "broken.docx": b"PK\x03\x04 and no more",
    "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
    "rich.txt": b"{\\rtf1 hello}",
    "animation.gif": b"GIF89a\x01\0\x01\0\0\0\0;",
}
