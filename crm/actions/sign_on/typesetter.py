"""Sets one letter: letter.typ, with letter.json and the pictures beside it, becomes letter.pdf. A program of its own.

It holds much memory once it has set a long letter, so it runs in a process that ends, without our database, and imports
nothing of ours: `python -I typesetter.py FOLDER FONTS …`. It ends with 1, and says why, where the letter cannot be set.
"""

import resource
import sys
from pathlib import Path
from typing import Any

import typst

MEMORY = 2_000_000_000  # bytes of addresses
SECONDS = 60  # of computing
ACCESSIBLE: Any = "ua-1"  # PDF/UA-1, ISO 14289-1


def main(folder: str, fonts: list[str]) -> None:
    """Write the PDF: PDF/UA-1, unless something in it forbids that, as a sign that no font has; tagged all the same."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(limit, (most, most))
    faces: list[Any] = list(fonts)
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=faces)
    # What is looked for, is looked for in this folder alone: no packages, no fonts of the machine.
    compiler = typst.Compiler(
        str(Path(folder) / "letter.typ"),
        root=folder,
        font_paths=found,
        ignore_system_fonts=True,
        package_path=folder,
        package_cache_path=folder,
    )
    target = str(Path(folder) / "letter.pdf")
    try:
        compiler.compile(output=target, format="pdf", pdf_standards=[ACCESSIBLE])
    except typst.TypstError:
        compiler.compile(output=target, format="pdf")


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except typst.TypstError as error:
        sys.exit(error.message)
