"""Reading a CSV file that anybody may have sent: its encoding and separator are found out, its size is bounded.

A first pass looks at the whole file, so that a file which cannot be read is refused before anything is done with it.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from crm.base.tables import FORMULA_STARTS

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELL = 10_000  # characters
MAX_LINE = MAX_COLUMNS * MAX_CELL
SAMPLE_ROWS = 3
SEPARATORS = (",", ";", "\t", "|")
BLOCK = 1 << 16

UTF_16 = "The file is in UTF-16. Save it as “CSV UTF-8” (in Excel: Save as, CSV UTF-8) and try again."
FOREIGN = {
    b"PK\x03\x04": "This is an Excel workbook or another packed file. Save the sheet as “CSV UTF-8” and try again.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook. Save the sheet as “CSV UTF-8” and try again.",
    b"%PDF": "This is a PDF. Export the contacts as CSV and try again.",
    b"\x1f\x8b": "This file is compressed. Unpack it and upload the CSV file itself.",
    b"\xff\xfe": UTF_16,
    b"\xfe\xff": UTF_16,
}

Record = tuple[int, list[str]]


class Refused(Exception):
    """The file cannot be read as it is; the message says why, and what to do."""


@dataclass(frozen=True)
class Format:
    """How to read a file: what its first pass found out."""

    encoding: str
    separator: str
    header: list[str]
    total: int = 0
    samples: list[list[str]] = field(default_factory=list)


def inspect(path: Path) -> Format:
    """Read the whole file once and return its format; raises Refused."""
    _check_kind(path)
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        separator = _separator(_first_line(file))
        file.seek(0)
        records = _records(file, separator)
        header = _header(records)
        total, samples = 0, list[list[str]]()
        for _, cells in records:
            total += 1
            if total > MAX_ROWS:
                raise Refused(f"The file has more than {MAX_ROWS:,} rows. Split it and import the parts one by one.")
            if len(samples) < SAMPLE_ROWS:
                samples.append(cells)
    if not total:
        raise Refused("The file has a header row and nothing below it. Export the contacts again and try that file.")
    return Format(encoding, separator, header, total, samples)


def read(path: Path, form: Format, skip: int = 0) -> Iterator[Record]:
    """Yield (number of the row as a spreadsheet shows it, cells) of each data row that is not blank, after `skip`."""
    with path.open(encoding=form.encoding, newline="") as file:
        records = _records(file, form.separator)
        next(records)
        for position, record in enumerate(records):
            if position >= skip:
                yield record


def _check_kind(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Refused("The file is empty. Export the contacts again and try that file.")
    if size > MAX_BYTES:
        raise Refused(f"The file is larger than {MAX_BYTES >> 20} MB. Split it and import the parts one by one.")
    with path.open("rb") as file:
        start = file.read(512)
    for magic, message in FOREIGN.items():
        if start.startswith(magic):
            raise Refused(message)
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise Refused("This is a web page, not a CSV file. Perhaps the login had ended when it was downloaded.")


def _encoding(path: Path) -> str:
    """UTF-8, or else Windows-1252, in which older spreadsheets write."""
    for encoding in ("utf-8-sig", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    if b"\x00" in block:
                        raise Refused(
                            "The file has NUL bytes, so it is not plain text, or it is in UTF-16. "
                            "Save it as “CSV UTF-8” and try again."
                        )
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise Refused("The file is neither in UTF-8 nor in Windows-1252. Save it as “CSV UTF-8” and try again.")


def _first_line(file: TextIO) -> str:
    while line := file.readline(MAX_LINE):
        if line.strip():
            return line
    raise Refused("The file is empty. Export the contacts again and try that file.")


def _separator(line: str) -> str:
    """Return the separator that parts the header into the most columns (quoted text does not count)."""
    return max(SEPARATORS, key=lambda separator: _columns(line, separator))


def _columns(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0  # A cell is too long with this separator; another may part it.


def _header(records: Iterator[Record]) -> list[str]:
    _, header = next(records, (1, []))
    if not any(cell.strip() for cell in header):
        raise Refused("The first line holds no names of columns. Export the contacts again and try that file.")
    if len(header) > MAX_COLUMNS:
        raise Refused(f"The file has more than {MAX_COLUMNS} columns. Remove those that are not needed.")
    if any("@" in cell for cell in header):
        raise Refused("The first row holds an e-mail address. Put a row above it that names the columns, e.g. email.")
    return header


def _records(file: TextIO, separator: str) -> Iterator[Record]:
    reader = csv.reader(_lines(file), delimiter=separator)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(_too_long(number)) from error
        if any(cell and not cell.isspace() for cell in cells):
            if any(len(cell) > MAX_CELL for cell in cells):
                raise Refused(_too_long(number))
            yield number, [_plain(cell) for cell in cells]


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise Refused(_too_long(number))
        yield line


def _too_long(number: int) -> str:
    return (
        f"Row {number} has a cell of more than {MAX_CELL:,} characters; perhaps a quotation mark is not closed. "
        "Mend that row and try again."
    )


def _plain(cell: str) -> str:
    """Return the cell without outer white space and without the apostrophe that our own files put before formulas."""
    if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS):
        cell = cell[1:]
    return cell.strip()
