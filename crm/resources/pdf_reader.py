"""Reads one PDF: how many pages it has, what it says, and how its first page looks. A program of its own.

Files come from outside, so it runs in a process without our database, with little time and memory, and imports
nothing of ours: `python -I pdf_reader.py FILE PICTURE`. It prints JSON: pages, text, problem ("", locked, broken).
"""

import json
import re
import resource
import sys

import pypdfium2  # type: ignore[import-untyped]

MEMORY = 800_000_000  # bytes of addresses, of which the library's own code takes a part
SECONDS = 40  # of computing
WRITTEN = 30_000_000  # bytes of the picture
MOST_PAGES = 1_000  # whose text is read
MOST_CHARACTERS = 2_000_000
HYPHEN = re.compile("[\ufffe\x02]\r?\n")  # As the library marks a word that goes on in the next line.
WIDTH, TALLEST = 1_000, 2_000  # pixels of the picture at most


def main(path: str, picture: str) -> None:
    """Read the file, draw its first page into the picture, and print what was found."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, WRITTEN)):
        resource.setrlimit(limit, (most, most))
    found = {"pages": 0, "text": "", "problem": ""}
    try:
        with pypdfium2.PdfDocument(path) as document:
            found["pages"] = len(document)
            found["text"] = _text(document)
            _draw(document, picture)
    except pypdfium2.PdfiumError as error:
        found["problem"] = "locked" if "password" in str(error).lower() else "broken"
    sys.stdout.buffer.write(json.dumps(found).encode("utf-8", "replace"))


def _text(document: pypdfium2.PdfDocument) -> str:
    texts: list[str] = []
    for number in range(min(len(document), MOST_PAGES)):
        if sum(map(len, texts)) > MOST_CHARACTERS:
            break
        page = document[number]
        said = page.get_textpage()
        texts.append(said.get_text_range(count=min(said.count_chars(), MOST_CHARACTERS)))
        said.close()
        page.close()
    whole = HYPHEN.sub("", "\n".join(texts)[:MOST_CHARACTERS])
    return "".join(sign for sign in whole if sign.isprintable() or sign in "\n\t")


def _draw(document: pypdfium2.PdfDocument, picture: str) -> None:
    if not len(document):
        return
    page = document[0]
    width, height = page.get_size()
    if width < 1 or height < 1:
        return
    scale = min(WIDTH / width, TALLEST / height)
    page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB").save(picture, "PNG")


if __name__ == "__main__":
    main(*sys.argv[1:3])
