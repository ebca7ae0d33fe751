"""CSV out, safe to open in a spreadsheet."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context

from crm.base.database import reading

# A cell that begins with one of these is run as a formula by spreadsheets; the last four are full-width forms.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value: Any) -> str:
    """Return the value as text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file, one by one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in itertools.chain([header], rows):
        writer.writerow([safe_cell(cell) for cell in row])
        yield _drain(buffer)


def send_csv(name: str, lines: Iterable[str]) -> Response:
    """Return the answer that sends the lines as a CSV file of that name, as they come; no cache keeps it.

    What they ask of the database takes no write lock: the file may be taken slowly. A long one is read `in_batches`.
    """
    answer = Response(stream_with_context(_reading(iter(lines))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _reading(lines: Iterator[str]) -> Iterator[str]:
    while True:
        with reading():
            line = next(lines, None)
        if line is None:
            return
        yield line


def _drain(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
